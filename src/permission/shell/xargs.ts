// Owns: the command that xargs runs, and what may be added to it.
// Promises: added words are unknown, but for names that find or a lister printed of the working directory, ended by NUL; or
// ended otherwise, when the command inside tells nothing of a file but its size or name.
// Never: judges.
import { afterFlags, type Inner, inside, nameOf } from './inner.ts';
import { parseOptions } from './options.ts';
import { readOnlyFind } from './read-only-find.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg, leadOf, type Piece } from './word.ts';

/** What xargs adds is not known; with -I it stands anywhere in the words. */
export function innerOfXargs(command: Simple, args: readonly Arg[]): Inner | undefined {
  const at = afterFlags(
    args,
    /^(-[0rtx]+|-[nPLs]\d+|-I\S+|-d\S+|--null|--no-run-if-empty|--verbose|--max-(args|procs|lines)=\d+|--delimiter=\S+)$/,
    /^(-[nPLsId]|--max-args|--max-procs|--delimiter)$/,
  );
  if (at === undefined) return undefined;
  const flags = args.slice(0, at).map((arg) => exactArg(arg) ?? '');
  const replaced = flags.flatMap((flag, index) =>
    flag === '-I' ? [flags[index + 1] ?? ''] : flag.startsWith('-I') ? [flag.slice(2)] : [],
  )[0];
  const added: Arg = { raw: '<input>', values: [{ pieces: inputPieces(command, flags) }] };
  if (replaced === undefined) return inside(command, at, [], [added]);
  const inner = inside(command, at, []);
  if (inner === undefined || replaced === '') return undefined;
  const argv = inner.command.argv.map((arg) => {
    const hit =
      arg.raw.includes(replaced) || arg.values.some((value) => value.pieces.some((p) => p.text.includes(replaced)));
    if (!hit) return arg;
    const lead = leadOf(arg.values[0] ?? { pieces: [] });
    const before = lead.slice(0, Math.max(lead.indexOf(replaced), 0));
    return {
      raw: arg.raw,
      values: [{ pieces: [{ type: 'text', text: before } as const, { type: 'unknown', text: replaced } as const] }],
    };
  });
  return { ...inner, command: { ...inner.command, argv } };
}

const tellsLittle = /^(wc|ls|stat|du|basename|dirname|echo|md5sum|sha1sum|sha256sum|test|true)$/;
const unknown: readonly Piece[] = [{ type: 'loose', text: '<input>' }];

/** A name with a blank in it becomes two words, and the second may be any path: only NUL keeps names whole. */
function inputPieces(command: Simple, flags: readonly string[]): readonly Piece[] {
  const lister = listerOf(command.feeder);
  const whole = flags.some((flag) => /^(-0\w*|-\w*0|--null)$/.test(flag)) && lister?.ends === 'nul';
  const inner = command.argv[flags.length + 1];
  const little = tellsLittle.test(inner === undefined ? '' : (exactArg(inner) ?? ''));
  if (lister === undefined || !(whole || little)) return unknown;
  return [...(lister.lead === '' ? [] : [{ type: 'text', text: lister.lead } as const]), { type: 'glob', text: '*' }];
}

type Lister = { readonly lead: string; readonly ends: 'nul' | 'line' };

/** A command that prints names below the working directory, also through filters that leave lines as they are. */
function listerOf(command: Simple | undefined): Lister | undefined {
  if (command === undefined || command.dirs?.length !== 1) return undefined;
  const args = command.argv.slice(1);
  const texts = args.map((arg) => exactArg(arg));
  if (texts.includes(undefined)) return undefined;
  const name = nameOf(command);
  const has = (pattern: RegExp) => texts.some((text) => pattern.test(text ?? ''));
  if (name === 'find') {
    const read = readOnlyFind(args);
    if (typeof read === 'string' || has(/^-(printf|ls|samefile)$/)) return undefined;
    const starts = read.paths.map((arg) => exactArg(arg) ?? '/');
    return starts.every(isBelow) ? { lead: './', ends: has(/^-print0$/) ? 'nul' : 'line' } : undefined;
  }
  if (name === 'git' && texts[0] === 'ls-files' && texts.slice(1).every((text) => isBelow(text ?? '/'))) {
    return { lead: '', ends: has(/^-z$/) ? 'nul' : 'line' };
  }
  if (name === 'rg' || name === 'grep') return searchLister(args, has);
  if (name === 'sort' && has(/^-[zo]/)) return undefined;
  if (name === 'sort' || name === 'head' || name === 'tail' || name === 'uniq') {
    return texts.every((text) => /^-[nurV\d]*\d*$/.test(text ?? '')) ? listerOf(command.feeder) : undefined;
  }
  return undefined;
}

/** `grep -rl`, `rg -l`, `rg --files`; or `grep -v pattern` as a filter of what another one lists. */
function searchLister(args: readonly Arg[], has: (pattern: RegExp) => boolean): Lister | undefined {
  const parsed = parseOptions(args, {
    short: 'rlivwEFPZ0',
    long: 'files files-with-matches null include= hidden glob=',
    valued: 'egt',
  });
  if (typeof parsed === 'string') return undefined;
  const lists = parsed.flags.some(({ name }) => /^(l|files|files-with-matches)$/.test(name));
  const paths = parsed.operands.slice(has(/^(--files|-e)$/) ? 0 : 1).map((arg) => exactArg(arg) ?? '/');
  if (!lists || !paths.every(isBelow)) return undefined;
  return { lead: paths.length > 0 ? './' : '', ends: has(/^(-\w*[Z0]\w*|--null)$/) ? 'nul' : 'line' };
}

function isBelow(path: string): boolean {
  return !/^[/~:]/.test(path) && !path.split('/').includes('..');
}
