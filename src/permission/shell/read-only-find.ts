// Owns: the forms of find that only look.
// Promises: an allow-list of its expressions; -exec, -delete, -fprint and what is not listed are not in it.
// Never: follows what find would find.
import { type Arg, exactArg, leadOf } from './word.ts';

const alone = new Set(
  `-print -print0 -ls -prune -quit -true -false -empty -readable -writable -executable -depth -d -mount -xdev -daystart
  -follow -noleaf -nouser -nogroup -warn -nowarn -ignore_readdir_race -noignore_readdir_race ( ) ! -not -a -and -o -or , -E -X -s`.split(
    /\s+/,
  ),
);
const withText = new Set(
  `-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -maxdepth -mindepth -mtime
  -mmin -atime -amin -ctime -cmin -perm -user -group -uid -gid -links -inum -lname -ilname -printf -fstype -used -newermt
  -newerat -newerct -Bmin -Btime`.split(/\s+/),
);
const withPath = new Set(['-newer', '-anewer', '-cnewer', '-samefile']);

/** A string result says why find is not only looking. */
export function readOnlyFind(args: readonly Arg[]): { readonly paths: readonly Arg[] } | string {
  const paths: Arg[] = [];
  let at = 0;
  while (/^-([HLP]+|O\d)$/.test(textAt(args, at))) at += 1;
  let starts = true;
  for (; at < args.length; at += 1) {
    const arg = args[at];
    if (arg === undefined) break;
    const text = exactArg(arg);
    if (text === undefined) {
      if (!starts || arg.values.some((value) => !/^[^-(),!]/.test(leadOf(value))))
        return `${arg.raw} could be an action`;
      paths.push(arg);
    } else if (!/^[-(),!]/.test(text) && starts) paths.push(arg);
    else {
      starts = false;
      if (alone.has(text)) continue;
      const value = args[at + 1];
      if (value === undefined || !(withText.has(text) || withPath.has(text))) {
        return `${text} is not among the find expressions known to only read`;
      }
      if (withPath.has(text)) paths.push(value);
      else if (
        exactArg(value) === undefined &&
        value.values.some((each) => each.pieces.some((p) => p.type === 'loose'))
      ) {
        return `${value.raw} could be an action`;
      }
      at += 1;
    }
  }
  return { paths };
}

function textAt(args: readonly Arg[], at: number): string {
  const arg = args[at];
  return arg === undefined ? '' : (exactArg(arg) ?? '');
}
