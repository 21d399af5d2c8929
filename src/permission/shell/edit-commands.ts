// Owns: the commands that acceptEdits runs beside file tools: mkdir touch rm rmdir mv cp sed -i.
// Promises: every path they would change is returned, also the name that a file gets inside a directory.
// Never: judges the paths.
import { type Options, parseOptions } from './options.ts';
import { onlyPrints } from './programs.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg, exactText, joined, type Piece } from './word.ts';
import { nameOf } from './inner.ts';

/** `removes`: what is no longer where it was, with all that it holds. */
export type Edits = {
  readonly edits: readonly Arg[];
  readonly removes: readonly Arg[];
  readonly reads: readonly Arg[];
};

const commands: Readonly<Record<string, Options>> = {
  mkdir: { short: 'pv', valued: 'm', long: 'parents verbose mode=' },
  touch: { short: 'acmf', valued: 'dt', long: 'no-create date=' },
  rm: { short: 'rRfvdI', long: 'recursive force verbose dir one-file-system preserve-root' },
  rmdir: { short: 'pv', long: 'parents verbose ignore-fail-on-non-empty' },
  mv: { short: 'fnvuT', long: 'force no-clobber verbose update? no-target-directory' },
  cp: { short: 'rRafnpvuT', long: 'recursive archive force no-clobber preserve? verbose update? no-target-directory' },
  sed: { short: 'nErsuz', valued: 'e', long: 'quiet silent regexp-extended expression= separate null-data' },
};

/** undefined: not such a command, or not in a form that is understood. */
export function editsOnly(command: Simple): Edits | undefined {
  const name = nameOf(command) ?? '';
  const options = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (options === undefined) return undefined;
  const args = command.argv.slice(1);
  const inPlace = args.filter((arg) => /^(-i|-i\.\w+|--in-place)$/.test(exactArg(arg) ?? ''));
  if (name === 'sed' && inPlace.length !== 1) return undefined;
  const parsed = parseOptions(name === 'sed' ? args.filter((arg) => !inPlace.includes(arg)) : args, options);
  if (typeof parsed === 'string' || parsed.operands.length === 0) return undefined;
  const { operands } = parsed;
  if (name === 'sed') {
    const given = parsed.flags.flatMap(({ name, value }) => (/^e(xpression)?$/.test(name) && value ? [value] : []));
    const scripts = given.length > 0 ? given : operands.slice(0, 1);
    const files = given.length > 0 ? operands : operands.slice(1);
    const safe = scripts.every((arg) => onlyPrints(exactArg(arg) ?? 'w'));
    return safe && files.length > 0 ? { edits: files, removes: [], reads: [] } : undefined;
  }
  if (name === 'rm' || name === 'rmdir') return { edits: [], removes: operands, reads: [] };
  if (name !== 'mv' && name !== 'cp') return { edits: operands, removes: [], reads: [] };
  const target = operands.at(-1);
  if (target === undefined || operands.length < 2) return undefined;
  const sources = operands.slice(0, -1);
  // What a directory holds is put into the target, under names that are not known.
  const spills = sources.some((source) => /(^|\/)\.{1,2}\/*$/.test(exactArg(source) ?? ''));
  if (spills || parsed.flags.some(({ name: flag }) => flag === 'T' || flag === 'no-target-directory')) return undefined;
  const edits = [target, ...sources.flatMap((source) => insideTarget(source, target))];
  return name === 'mv' ? { edits, removes: sources, reads: [] } : { edits, removes: [], reads: sources };
}

/** The target may be a directory: then the file keeps its name in it. A source that may name anything asks by itself. */
function insideTarget(source: Arg, target: Arg): readonly Arg[] {
  return source.values.flatMap((from) =>
    target.values.flatMap((to) => {
      const name = lastName(from.pieces);
      const directory = exactText(to);
      if (name.length === 0 || directory === undefined) return [];
      const pieces: readonly Piece[] = [{ type: 'text', text: `${directory}/` }, ...name];
      return [{ raw: joined({ pieces }), values: [{ pieces }] }];
    }),
  );
}

/** The pieces after the last slash, but for slashes at the end. */
function lastName(pieces: readonly Piece[]): readonly Piece[] {
  const [last, ...before] = pieces.toReversed();
  const ends = last?.type === 'text' ? { ...last, text: last.text.replace(/\/+$/, '') } : last;
  const all = ends === undefined ? [] : [...before.toReversed(), ends];
  const at = all.findLastIndex((piece) => piece.text.includes('/'));
  const holder = all[at];
  if (holder === undefined) return all;
  return [{ ...holder, text: holder.text.slice(holder.text.lastIndexOf('/') + 1) }, ...all.slice(at + 1)];
}
