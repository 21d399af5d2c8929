// Owns: the commands about the machine and the shell itself that run without a question, and the shape of such an entry.
// Promises: as read-only-table.ts.
// Never: holds one that sets anything a later command obeys.
import { isHarmlessForCommand, isHarmlessForShell, namesProblem, settingsProblem } from './assignments.ts';
import type { Options, Parsed } from './options.ts';
import { isNumber } from './state.ts';
import { type Arg, exactArg, leadOf } from './word.ts';

export type ReadOnlyCommand = Options & {
  /** pattern: the first operand is text (unless an option of `patterns` gave it), the others are paths. */
  readonly operands: 'paths' | 'text' | 'pattern' | 'none';
  /** Options (letters and names) whose value is text, never a path. */
  readonly text?: string;
  /** Options that replace the pattern operand. */
  readonly patterns?: string;
  /** Options that make it read every file below its paths; without a path: below the working directory. */
  readonly recursive?: string;
  /** It prints what a file holds, so that a denied file must not be among what it reads. */
  readonly problem?: (parsed: Parsed) => string | undefined;
};

const any = { short: '*', long: '*' } as const;
const text = { ...any, operands: 'text' } as const;
const none = { operands: 'none' } as const;

const exactOnly = (parsed: Parsed): string | undefined =>
  parsed.operands.every((arg) => exactArg(arg) !== undefined || arg.values.every(isNumber))
    ? undefined
    : 'its argument is not known';

const table: Readonly<Record<string, ReadOnlyCommand>> = {
  date: {
    short: 'uRj',
    valued: 'dr',
    long: 'date= utc universal rfc-email iso-8601? rfc-3339= reference=',
    text: 'd date',
    operands: 'text',
    problem: ({ operands }) =>
      operands.every((arg) => arg.values.every((value) => leadOf(value).startsWith('+')))
        ? undefined
        : 'it may set the clock',
  },
  sleep: text,
  true: text,
  false: text,
  ':': text,
  whoami: none,
  id: text,
  groups: text,
  uname: { ...any, operands: 'none' },
  hostname: { short: 'fisdIA', operands: 'none' },
  uptime: { ...any, operands: 'none' },
  nproc: { ...any, operands: 'none' },
  arch: none,
  free: { short: 'bkmghlt', operands: 'none' },
  printenv: text,
  ps: { short: 'AaefFlwmTHjyx', valued: 'opuUCGgst', operands: 'text', problem: ({ operands }) => psProblem(operands) },
  pgrep: { short: 'afilnovxc', valued: 'uUgPt', operands: 'text' },
  which: text,
  whereis: { operands: 'text' },
  type: text,
  help: text,
  pwd: { short: 'LP', operands: 'none' },
  cd: {
    operands: 'paths',
    problem: ({ operands }) =>
      operands.length === 1 && operands[0]?.values.every((value) => leadOf(value) !== '') === true
        ? undefined
        : 'it leaves the working directory',
  },
  exit: { operands: 'text', problem: exactOnly },
  return: { operands: 'text', problem: exactOnly },
  break: { operands: 'text', problem: exactOnly },
  continue: { operands: 'text', problem: exactOnly },
  shift: { operands: 'text', problem: exactOnly },
  wait: { operands: 'text', problem: exactOnly },
  read: {
    short: 'rs',
    valued: 'ptndu',
    text: 'p d',
    operands: 'text',
    problem: ({ operands }) => namesProblem(operands),
  },
  unset: { operands: 'text', problem: ({ operands }) => namesProblem(operands) },
  export: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForCommand) },
  local: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForShell) },
  readonly: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForShell) },
};

export function shellCommand(name: string): ReadOnlyCommand | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function psProblem(operands: readonly Arg[]): string | undefined {
  return operands.every((arg) => /^(aux|axu|ax|x|a|u|auxw+|auxf|axo)$/.test(exactArg(arg) ?? ''))
    ? undefined
    : 'it may show the environment of processes';
}
