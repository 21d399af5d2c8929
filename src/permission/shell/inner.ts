// Owns: taking a command out of the words of another.
// Promises: the inner command keeps place and settings, and none of the outer one's text.
// Never: knows a wrapper (wrappers.ts).
import type { Simple } from './simple.ts';
import { type Arg, exactArg } from './word.ts';

/** The command inside, with the settings it gets; `words`: how many words of the wrapper stand before it. */
export type Inner = { readonly command: Simple; readonly words: number };

export function nameOf(command: Simple): string | undefined {
  const [first] = command.argv;
  return first === undefined ? undefined : exactArg(first);
}

/** "/usr/bin/rm" is rm. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Counts leading options; undefined when one is not listed. */
export function afterFlags(args: readonly Arg[], alone: RegExp, valued: RegExp): number | undefined {
  let at = 0;
  for (;;) {
    const text = textAt(args, at);
    if (text === '--') return at + 1;
    if (text === undefined || !text.startsWith('-') || text === '-') return at;
    if (valued.test(text)) at += 2;
    else if (alone.test(text)) at += 1;
    else return undefined;
  }
}

export function inside(
  command: Simple,
  at: number,
  added: Simple['assignments'],
  more: readonly Arg[] = [],
): Inner | undefined {
  const argv = [...command.argv.slice(at + 1), ...more];
  if (argv.length === 0 || command.argv.length <= at + 1) return undefined;
  const assignments = [...command.assignments, ...added];
  return { command: { ...command, raw: '', argv, assignments, functions: new Map() }, words: at + 1 };
}

export function textAt(args: readonly Arg[], at: number): string | undefined {
  const arg = args[at];
  return arg === undefined ? undefined : exactArg(arg);
}
