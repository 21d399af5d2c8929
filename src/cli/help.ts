// Owns: the text of --help, from a command's own definitions.
// Promises: every argument and flag of the command is in it, under the title of its group; 100 columns, no colour of its own.
// Never: writes.
import { aliasOf, type Command, type Flag, type Flags } from './command.ts';
import { type CommandEntry } from './commands.ts';
import { flagGroups } from './flags.ts';

const width = 100;
const column = 32;

export function rootHelp(entries: Readonly<Record<string, CommandEntry>>): string {
  const lines = Object.entries(entries).flatMap(([name, { summary }]) => twoColumns(name, summary, 22));
  return [
    'aworkers: run many Claude workers at once, from any MCP host, a shell or a CI job.',
    '',
    section('Usage', [
      '  aworkers <command> [arguments] [flags]',
      '  aworkers            the MCP server, when stdin is not a terminal',
    ]),
    section('Commands', lines),
    section('Flags', [
      ...twoColumns('-h, --help', 'Help of aworkers, or of the command before it.', 22),
      ...twoColumns('-v, --version', 'Version, commit, runtime and platform.', 22),
    ]),
    section('Environment', [
      ...twoColumns('ANTHROPIC_API_KEY', 'The key; or ANTHROPIC_AUTH_TOKEN.'),
      ...twoColumns('ANTHROPIC_BASE_URL', 'Another endpoint of the Messages API.'),
      ...twoColumns('AWORKERS_MODEL', 'Default model.'),
      ...twoColumns('AWORKERS_LOGS_DIR', 'Where logs are. Default: ./logs.'),
      ...twoColumns('AWORKERS_MAX_CONCURRENCY', 'Workers that run at once. Default: 20.'),
      ...twoColumns('AWORKERS_MODELS_FILE', 'Model data that overrides or extends the built-in.'),
      ...twoColumns('AWORKERS_IDLE_SECONDS', 'A reply silent for so long is asked for again. Default: 120.'),
      ...twoColumns('AWORKERS_FIRST_BYTE_SECONDS', 'The same before its first byte. Default: 300.'),
      ...twoColumns('AWORKERS_WAIT_SECONDS', 'Longest wait call over MCP, for hosts that stop a call.'),
      ...twoColumns('NO_COLOR', 'No colour.'),
    ]),
    'Start: `aworkers demo` (offline), `aworkers run "What does this project do?"`, `aworkers run --help`.',
  ].join('\n');
}

export function commandHelp(name: string, entry: CommandEntry, command: Command): string {
  const positional = Object.entries(command.args).filter(([, flag]) => flag.type === 'positional');
  const parts = [
    `aworkers ${name}: ${entry.summary}`,
    '',
    section(
      'Usage',
      command.usage.map((line) => `  aworkers ${line}`),
    ),
    ...(command.details ?? []).map((text) => `${wrap(text, width).join('\n')}\n`),
    section(
      'Arguments',
      positional.flatMap(([key, flag]) =>
        twoColumns(flag.type === 'positional' && flag.required ? `<${key}>` : `[${key}]`, textOf(flag)),
      ),
    ),
    ...groupsOf(command.args).map(({ title, flags }) =>
      section(
        title,
        Object.entries(flags).flatMap(([key, flag]) => twoColumns(labelOf(key, flag), textOf(flag))),
      ),
    ),
    ...(command.notes ?? []).map(({ title, lines }) =>
      section(
        title,
        lines.map((line) => `  ${line}`),
      ),
    ),
    section(
      'Examples',
      (command.examples ?? []).flatMap(([line, meaning]) => [`  ${line}`, `      ${meaning}`]),
    ),
  ];
  return parts
    .filter((part, index) => part !== '' || index === 1)
    .join('\n')
    .trimEnd();
}

/** Own flags first, then the shared groups in their order. A shared flag is recognised by identity. */
function groupsOf(args: Flags): { title: string; flags: Flags }[] {
  const help: Flag = { type: 'boolean', alias: 'h', description: 'This text.' };
  const named = Object.entries(args).filter(([, flag]) => flag.type !== 'positional');
  const shared = flagGroups.map(({ title, flags }) => ({
    title,
    flags: Object.fromEntries(named.filter(([, flag]) => Object.values(flags).includes(flag))),
  }));
  const taken = new Set(shared.flatMap(({ flags }) => Object.keys(flags)));
  const own = Object.fromEntries(named.filter(([key]) => !taken.has(key)));
  return [{ title: 'Flags', flags: { ...own, help } }, ...shared];
}

function labelOf(name: string, flag: Flag): string {
  const alias = aliasOf(flag);
  const hint = flag.type === 'string' ? flag.valueHint : 'value';
  const value = flag.type === 'boolean' ? '' : ` <${hint}>`;
  return `${alias === undefined ? '' : `-${alias}, `}--${name}${value}`;
}

function textOf(flag: Flag): string {
  const options = flag.type === 'enum' ? ` One of: ${flag.options.join(', ')}.` : '';
  const fallback = flag.type !== 'enum' || flag.default === undefined ? '' : ` Default: ${flag.default}.`;
  return `${flag.description}${options}${fallback}`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('\n')}\n`;
}

function twoColumns(label: string, text: string, at = column): string[] {
  const [first = '', ...rest] = wrap(text, width - at);
  const indent = ' '.repeat(at);
  const head = `  ${label}`;
  const lines = head.length < at - 1 ? [`${head.padEnd(at)}${first}`] : [head, `${indent}${first}`];
  return [...lines, ...rest.map((line) => `${indent}${line}`)];
}

export function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
