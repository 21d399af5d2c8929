// Owns: what a command reads, and the Read rules that bind it.
// Promises: a deny or ask rule for a path binds every command that names the path, whatever allows the command.
// Never: promises to see what a program reads without naming it.
import type { JudgedPart } from '../../contract/permission.ts';
import { strictest } from '../strictest.ts';
import type { World } from '../world.ts';
import { judgeArg } from './path-args.ts';
import { type Reads, readsOnly } from './read-only.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg } from './word.ts';
import { nameOf } from './inner.ts';

export function judgeReads(world: World, command: Simple, reads: Reads): JudgedPart {
  const use = reads.recursive ? 'search' : 'read';
  const judged = strictest(reads.paths.map((arg) => judgeArg(world, use, arg, command.dirs)));
  return judged.decision === 'allow' ? { ...judged, reason: 'only reads' } : judged;
}

/** Read rules that deny or ask bind what a command would read, whatever allows the command itself. */
export function keptBack(world: World, command: Simple): JudgedPart | undefined {
  const bound = world.rules.some((rule) => rule.decision !== 'allow' && rule.tool === 'Read');
  const name = nameOf(command);
  if (!bound || name === 'echo' || name === 'printf') return undefined;
  const reads = readsOnly(command, world.cwd);
  const paths = typeof reads === 'string' ? command.argv.slice(1).flatMap(pathsIn) : reads.paths;
  const use = typeof reads !== 'string' && reads.recursive ? 'search' : 'read';
  const judged = strictest(paths.map((arg) => judgeArg(world, use, arg, command.dirs, { rulesOnly: true })));
  return judged.decision === 'allow' ? undefined : judged;
}

/** Of a command that is not in the tables, any word may be a path, also after "=" or "@". */
function pathsIn(arg: Arg): readonly Arg[] {
  const text = exactArg(arg);
  if (text === undefined) return [arg];
  const inner = text.split(/[=@:,]/).filter((piece) => piece !== '' && piece !== text);
  return [text, ...inner].map((piece) => ({
    raw: piece,
    values: [{ pieces: [{ type: 'text', text: piece } as const] }],
  }));
}
