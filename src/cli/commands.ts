// Owns: the names of all commands, one line each, and where each is loaded from.
// Promises: nothing of a command is loaded before it is asked for; this order is the order of the help.
// Never: runs one.
import type { Command } from './command.ts';

export type CommandEntry = { readonly summary: string; readonly load: () => Promise<Command> };

/** A command file exports `default`, typed by its own flags; the dispatcher needs no more than the common shape. */
const entry = (summary: string, load: () => Promise<{ readonly default: unknown }>): CommandEntry => ({
  summary,
  load: async () => (await load()).default as Command,
});

export const commands: Readonly<Record<string, CommandEntry>> = {
  run: entry('Run a worker on a prompt, or a batch of them.', () => import('./commands/run.ts')),
  resume: entry('Continue the conversation of a worker that has ended.', () => import('./commands/resume.ts')),
  list: entry('List the workers of the logs directory.', () => import('./commands/list.ts')),
  show: entry('Show one worker: state, cost, what it may still need, its result.', () => import('./commands/show.ts')),
  logs: entry('Print what a worker did; -f follows it.', () => import('./commands/logs.ts')),
  report: entry('Make an HTML report of the workers of a logs directory.', () => import('./commands/report.ts')),
  stop: entry('End a worker; it stays resumable.', () => import('./commands/stop.ts')),
  models: entry('Show the models: limits, options they take, prices.', () => import('./commands/models.ts')),
  'permissions explain': entry(
    'Say whether a call would run, ask or be denied, and why.',
    () => import('./commands/permissions-explain.ts'),
  ),
  mcp: entry('Serve MCP over stdio (also: a bare `aworkers` without a terminal).', () => import('./commands/mcp.ts')),
  init: entry(
    'Connect the hosts in use: server, skill, rules; --remove undoes it.',
    () => import('./commands/init.ts'),
  ),
  demo: entry('Show all of it offline, against a scripted model.', () => import('./commands/demo.ts')),
  doctor: entry('Check key, API, sandbox, tools and hosts.', () => import('./commands/doctor.ts')),
  completions: entry('Print a completion script for bash, zsh or fish.', () => import('./commands/completions.ts')),
};

export const commandNames = Object.keys(commands);

/** The command that the first one or two words name, and the words after it. */
export function findCommand(
  words: readonly string[],
): { readonly name: string; readonly rest: readonly string[] } | undefined {
  const [first = '', second = ''] = words;
  if (Object.hasOwn(commands, `${first} ${second}`)) return { name: `${first} ${second}`, rest: words.slice(2) };
  if (Object.hasOwn(commands, first)) return { name: first, rest: words.slice(1) };
  return undefined;
}
