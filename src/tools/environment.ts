// Owns: the environment of a tool's process.
// Promises: no credential or switch of ours or of the model's host, nothing that runs code in every child; no pager, no
// editor, no prompt.
// Never: reads the process's own environment: the caller hands it in.

const dropped: readonly RegExp[] = [
  /^(ANTHROPIC_|CLAUDE|AWORKERS_|BUN_)/,
  /^(NODE_OPTIONS|NODE_REPL_EXTERNAL_MODULE|NODE_CHANNEL_FD|NODE_UNIQUE_ID|PERL5OPT|RUBYOPT|PYTHONSTARTUP)$/,
  /^(LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES)$/,
  // Files and functions that a shell would load before the command that was judged.
  /^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|BASH_FUNC_.*)$/,
  /^RIPGREP_CONFIG_PATH$/,
];

const fixed = {
  TERM: 'dumb',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  MANPAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'true',
  EDITOR: 'true',
  VISUAL: 'true',
} as const;

export function toolEnvironment(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !dropped.some((pattern) => pattern.test(entry[0].toUpperCase())),
  );
  return { ...Object.fromEntries(kept), ...fixed };
}
