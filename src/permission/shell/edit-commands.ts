// Owns: the commands that acceptEdits runs beside file tools: mkdir touch rm rmdir mv cp sed -i.
// Promises: every path they would change is returned, also the name that a file gets inside a directory.
// Never: judges the paths.
import { type Options, parseOptions } from './options.ts';
import { onlyPrints } from './programs.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg, exactText, textValue } from './word.ts';
import { nameOf } from './inner.ts';

export type Edits = { readonly edits: readonly Arg[]; readonly reads: readonly Arg[] };

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
    return safe && files.length > 0 ? { edits: files, reads: [] } : undefined;
  }
  if (name !== 'mv' && name !== 'cp') return { edits: operands, reads: [] };
  const target = operands.at(-1);
  if (target === undefined || operands.length < 2) return undefined;
  const sources = operands.slice(0, -1);
  const edits = [target, ...sources.flatMap((source) => insideTarget(source, target))];
  return name === 'mv' ? { edits: [...edits, ...sources], reads: [] } : { edits, reads: sources };
}

/** The target may be a directory: then the file keeps its name in it. */
function insideTarget(source: Arg, target: Arg): readonly Arg[] {
  return source.values.flatMap((from) =>
    target.values.flatMap((to) => {
      const name = exactText(from)?.replace(/\/+$/, '').split('/').at(-1);
      const directory = exactText(to);
      if (name === undefined || directory === undefined) return [];
      const path = `${directory}/${name}`;
      return [{ raw: path, values: [textValue(path)] }];
    }),
  );
}
