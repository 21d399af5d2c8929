// Owns: one simple command as found, and what it does to the shell that runs it.
// Promises: after a builtin that sets variables or moves, the state says no more than is certain.
// Never: decides whether it may run.
import { forgetAll, type State, unionDirs } from './state.ts';
import { type Arg, exactArg, exactText, textValue } from './word.ts';

export type Simple = {
  /** As it stands in the script, redirects included. */
  readonly raw: string;
  /** The name first; never empty. */
  readonly argv: readonly Arg[];
  /** Before the name. */
  readonly assignments: readonly {
    readonly name: string;
    readonly text: string;
    /** undefined: not a plain text. */
    readonly value: string | undefined;
  }[];
  /** Where it may run; undefined: anywhere. */
  readonly dirs: readonly string[] | undefined;
  /** Functions that are certainly defined here. */
  readonly functions: ReadonlyMap<string, boolean>;
  readonly feeder?: Simple;
};

export type Found =
  | { readonly type: 'command'; readonly command: Simple }
  | {
      readonly type: 'redirect';
      readonly operator: string;
      readonly target: Arg;
      readonly text: string;
      readonly dirs: readonly string[] | undefined;
    }
  | { readonly type: 'assignment'; readonly name: string; readonly text: string }
  | { readonly type: 'problem'; readonly text: string; readonly reason: string };

/** Words that certainly change neither variables nor the directory of the shell that runs them. */
const changing =
  /^(cd|pushd|popd|read|mapfile|readarray|getopts|let|declare|typeset|local|readonly|export|unset|eval|source|\.|printf|wait|builtin|command|set|shift|trap|exec)$/;

export function runSimple(command: Simple, state: State): void {
  delete state.arrived;
  const [nameArg, ...args] = command.argv;
  const name = nameArg === undefined ? undefined : exactArg(nameArg);
  if (name === undefined) return forgetEverything(state);
  const moves = state.functions.get(name);
  if (moves !== undefined) {
    forgetAll(state);
    if (moves) state.dirs = undefined;
    return;
  }
  if (!changing.test(name)) return;
  if (name === 'cd') return move(args, state);
  if (['pushd', 'popd', 'eval', 'source', '.', 'builtin', 'command'].includes(name)) return forgetEverything(state);
  if (name === 'read') return forgetNames(args, state);
  if (name === 'export' || name === 'local' || name === 'readonly') return assign(args, state);
  if (name === 'printf' && args[0] !== undefined && !exactArg(args[0])?.startsWith('-')) return;
  if (name === 'set' || name === 'shift') return;
  forgetAll(state);
}

function forgetEverything(state: State): void {
  forgetAll(state);
  state.dirs = undefined;
}

function move(args: readonly Arg[], state: State): void {
  const [target] = args;
  const to = target?.values.map(exactText);
  const plain = to?.every((each) => each !== undefined && each !== '' && !each.startsWith('-'));
  if (args.length !== 1 || to === undefined || !plain || state.dirs === undefined) {
    state.dirs = undefined;
    return;
  }
  // A "cd" that fails leaves the shell where it was.
  const moved = state.dirs.flatMap((dir) => to.map((each) => (each?.startsWith('/') ? each : `${dir}/${each}`)));
  state.dirs = unionDirs(state.dirs, moved);
  if (moved.length <= 16) state.arrived = moved;
}

function forgetNames(args: readonly Arg[], state: State): void {
  for (const arg of args) {
    const name = exactArg(arg);
    if (name === undefined) return forgetAll(state);
    if (/^\w+$/.test(name)) state.vars.set(name, undefined);
  }
}

function assign(args: readonly Arg[], state: State): void {
  for (const arg of args) {
    const text = exactArg(arg) ?? '';
    const match = /^(\w+)=([\s\S]*)$/.exec(text);
    if (match?.[1] !== undefined) state.vars.set(match[1], [textValue(match[2] ?? '')]);
    else if (/^\w+$/.test(text)) continue;
    else forgetAll(state);
  }
}
