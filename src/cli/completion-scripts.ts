// Owns: completion scripts for bash, zsh and fish, made from the commands' own definitions.
// Promises: every command, flag and fixed value is completed; where a value is a path, files are.
// Never: runs aworkers while completing.

type CompletedFlag = {
  readonly name: string;
  readonly alias: string | undefined;
  readonly description: string;
  /** Fixed values; empty: a free one. */
  readonly values: readonly string[];
  readonly takesValue: boolean;
};
export type CompletedCommand = {
  /** One word, or two. */
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** Fixed words for the first argument. */
  readonly words: readonly string[];
};
type Commands = readonly CompletedCommand[];

export const shells = ['bash', 'zsh', 'fish'] as const;

export const completionScripts: Readonly<Record<(typeof shells)[number], (commands: Commands) => string>> = {
  bash,
  zsh,
  fish,
};

function bash(commands: Commands): string {
  const cases = commands.flatMap((command) => [
    `    '${command.name}')`,
    `      flags='${command.flags.map(({ name }) => `--${name}`).join(' ')}'`,
    `      words='${command.words.join(' ')}'`,
    '      case $prev in',
    ...command.flags
      .filter(({ takesValue }) => takesValue)
      .map((flag) =>
        flag.values.length > 0
          ? `        ${spellings(flag).join('|')}) COMPREPLY=($(compgen -W '${flag.values.join(' ')}' -- "$cur")); return ;;`
          : `        ${spellings(flag).join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`,
      ),
    '      esac ;;',
  ]);
  return [
    '# Completion of aworkers for bash. Use: source <(aworkers completions bash)',
    '_aworkers() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} flags= words= at=1',
    '  COMPREPLY=()',
    ...pairs(commands).map(
      ([first, seconds]) =>
        `  if [[ $command == ${first} ]]; then at=2; if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W '${seconds.join(' ')}' -- "$cur")); return; fi; command="${first} \${COMP_WORDS[2]}"; fi`,
    ),
    '  if ((COMP_CWORD <= 1)); then',
    `    COMPREPLY=($(compgen -W '${firstWords(commands).join(' ')} help --help --version' -- "$cur"))`,
    '    return',
    '  fi',
    '  case $command in',
    `    help) COMPREPLY=($(compgen -W '${firstWords(commands).join(' ')}' -- "$cur")); return ;;`,
    ...cases,
    '  esac',
    '  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags --help" -- "$cur"))',
    '  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '  elif [[ $cur == @* ]]; then COMPREPLY=($(compgen -P @ -f -- "${cur#@}"))',
    '  else COMPREPLY=($(compgen -f -- "$cur")); fi',
    '}',
    'complete -o filenames -F _aworkers aworkers',
  ].join('\n');
}

function zsh(commands: Commands): string {
  const described = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, text]) => `'${name}:${zshText(text)}'`).join(' ');
  const firsts = firstWords(commands).map((word) => [word, summaryOf(commands, word)] as const);
  const cases = commands.map((command) => {
    const flags = command.flags.map((flag) => {
      const value =
        flag.values.length > 0 ? `:value:(${flag.values.join(' ')})` : flag.takesValue ? ':value:_files' : '';
      const names = spellings(flag);
      const shape =
        names.length > 1
          ? `{${names.join(',')}}'[${zshText(flag.description)}]${value}'`
          : `'${names[0] ?? ''}[${zshText(flag.description)}]${value}'`;
      return `'*'${shape}`;
    });
    const rest = command.words.length > 0 ? `'1:argument:(${command.words.join(' ')})'` : `'*:argument:_files'`;
    return `    '${command.name}') _arguments ${[...flags, `'--help[This text.]'`, rest].join(' ')} ;;`;
  });
  return [
    '#compdef aworkers',
    '# Completion of aworkers for zsh. Use: aworkers completions zsh > "${fpath[1]}/_aworkers"',
    '_aworkers() {',
    '  local command=$words[2]',
    `  if ((CURRENT == 2)); then local -a names=(${described(firsts)}); _describe command names; return; fi`,
    ...pairs(commands).map(
      ([first, seconds]) =>
        `  if [[ $command == ${first} ]]; then if ((CURRENT == 3)); then local -a names=(${described(seconds.map((word) => [word, summaryOf(commands, `${first} ${word}`)] as const))}); _describe command names; return; fi; command="${first} $words[3]"; shift words; ((CURRENT--)); fi`,
    ),
    '  shift words; ((CURRENT--))',
    '  case $command in',
    ...cases,
    '  esac',
    '}',
    'if [[ $funcstack[1] == _aworkers ]]; then _aworkers "$@"; else compdef _aworkers aworkers; fi',
  ].join('\n');
}

function fish(commands: Commands): string {
  const firsts = firstWords(commands);
  const lines = commands.flatMap((command) => {
    const [first = '', second] = command.name.split(' ');
    const seen = `__fish_seen_subcommand_from ${first}${second === undefined ? '' : `; and __fish_seen_subcommand_from ${second}`}`;
    return [
      ...(second === undefined
        ? []
        : [
            `complete -c aworkers -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${second}' -f -a ${second} -d ${fishText(command.summary)}`,
          ]),
      ...command.words.map((word) => `complete -c aworkers -n '${seen}' -f -a ${word}`),
      ...command.flags.map((flag) => {
        const alias = flag.alias === undefined ? '' : ` -s ${flag.alias}`;
        const value = flag.values.length > 0 ? ` -x -a '${flag.values.join(' ')}'` : flag.takesValue ? ' -r' : '';
        return `complete -c aworkers -n '${seen}' -l ${flag.name}${alias}${value} -d ${fishText(flag.description)}`;
      }),
    ];
  });
  return [
    '# Completion of aworkers for fish. Use: aworkers completions fish > ~/.config/fish/completions/aworkers.fish',
    ...firsts.map(
      (word) => `complete -c aworkers -n __fish_use_subcommand -f -a ${word} -d ${fishText(summaryOf(commands, word))}`,
    ),
    'complete -c aworkers -n __fish_use_subcommand -l version -d Version',
    'complete -c aworkers -l help -s h -d Help',
    ...lines,
  ].join('\n');
}

function spellings(flag: CompletedFlag): string[] {
  return [...(flag.alias === undefined ? [] : [`-${flag.alias}`]), `--${flag.name}`];
}

function firstWords(commands: Commands): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
}

/** Commands of two words: the first, and what may follow it. */
function pairs(commands: Commands): [string, string[]][] {
  const first = [...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))];
  return first.map((word) => [
    word,
    commands.flatMap(({ name }) => (name.startsWith(`${word} `) ? [name.slice(word.length + 1)] : [])),
  ]);
}

function summaryOf(commands: Commands, name: string): string {
  const exact = commands.find((command) => command.name === name);
  return (exact ?? commands.find((command) => command.name.startsWith(`${name} `)))?.summary ?? '';
}

function zshText(text: string): string {
  return text.replaceAll(/['\\[\]:]/g, ' ').replaceAll('`', '');
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
