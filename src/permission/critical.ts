// Owns: removals that ask in every mode, whatever is allowed: /, top directories, home, the working directory and what
// holds it, and "$X"/*, which is /* when X is empty.
// Promises: wrappers, find -delete and written-out paths do not hide one; a variable counts as it is and as empty.
// Never: promises to see a removal that a program computes for itself.
import { below } from './path-pattern.ts';
import { locate } from './paths.ts';
import type { Simple } from './shell/simple.ts';
import { type Arg, exactArg, type Piece, textValue, type Value } from './shell/word.ts';
import { baseName, nameOf } from './shell/inner.ts';
import type { World } from './world.ts';

const removers = /^(rm|rmdir|unlink|shred|srm|trash|trash-put|rimraf|del|grm|wipe)$/;
const finders = /^(find|fd|fdfind)$/;
const recursive = /^(--recursive|-[a-zA-Z]*[rR][a-zA-Z]*)$/;
const selects = /^-(i?name|i?path|i?regex|newer.*|[amc]time|[amc]min|size|type|empty|user)$/;
const here: Arg = { raw: '.', values: [textValue('.')] };

/** The target that makes it critical, as written. */
export function criticalTarget(world: World, command: Simple): string | undefined {
  const name = nameOf(command);
  const base = name === undefined ? '' : baseName(name).toLowerCase();
  const args = command.argv.slice(1);
  const texts = args.map((arg) => exactArg(arg) ?? '');
  if (finders.test(base)) return criticalFind(world, command, args, texts);
  // A name that is not known may be rm.
  const removes = removers.test(base) || (name === undefined && texts.some((text) => recursive.test(text)));
  if (!removes) return undefined;
  const targets = args.filter((_, index) => !texts[index]?.startsWith('-'));
  return targets.find((arg) => arg.values.some((value) => isCritical(world, command.dirs, value, false)))?.raw;
}

function criticalFind(
  world: World,
  command: Simple,
  args: readonly Arg[],
  texts: readonly string[],
): string | undefined {
  const removes = texts.some((text) => text === '-delete' || removers.test(baseName(text).toLowerCase()));
  if (!removes) return undefined;
  const end = texts.findIndex((text) => /^[-(!]/.test(text) && !/^-[HLP]+$/.test(text));
  const starts = args.slice(0, end === -1 ? undefined : end);
  const narrowed = texts.some((text) => selects.test(text));
  const targets = starts.length === 0 ? [here] : starts;
  return targets.find((arg) => arg.values.some((value) => isCritical(world, command.dirs, value, narrowed)))?.raw;
}

function isCritical(world: World, dirs: Simple['dirs'], value: Value, narrowed: boolean): boolean {
  return spellings(value.pieces).some((spelled) => {
    // "$X" alone is nothing when X is empty; "$X"/* and "$X"/usr are not.
    if (spelled === '') return false;
    if (/^~[^/]*(\/[*?]*)?$/.test(spelled) && value.pieces[0]?.type === 'loose') return true;
    const holder = spelled.replace(/(?<=^|\/)\.?[*?]+$/, '').replace(/(?<=.)\/+$/, '');
    const path = holder === '' ? '.' : holder.startsWith('~') ? `./${holder}` : holder;
    const starts = path.startsWith('/') ? [world.cwd] : (dirs ?? [world.cwd]);
    return starts.some((dir) => {
      const { absolute, reals } = locate(world, path, dir);
      return [absolute, ...reals].some((each) => isKept(world, each, narrowed));
    });
  });
}

/** What a word may be when each unknown part is empty, and each way a brace list reads. */
function spellings(pieces: readonly Piece[]): readonly string[] {
  return pieces.reduce<readonly string[]>(
    (heads, piece) => heads.flatMap((head) => readings(piece).map((reading) => head + reading)).slice(0, 64),
    [''],
  );
}

function readings({ type, text }: Piece): readonly string[] {
  if (type !== 'unknown' && type !== 'loose') return [text];
  if (/^(\$\(\s*pwd[^;|&]*\)|`\s*pwd[^;|&]*`)$/.test(text)) return ['.'];
  if (/^[!?*+@]\(/.test(text)) return ['*'];
  if (text.startsWith('~')) return [text];
  if (text.startsWith('{')) return text.split(/[{},]/).map((part) => part.replaceAll(/["']/g, ''));
  return [''];
}

const topDirectories =
  /^\/[^/]*$|^\/(home|Users|usr|opt)\/[^/]+$|^\/var\/(lib|log|mail|www)$|^\/[A-Za-z]:(\/(Windows|Users|Program Files)?(\/[^/]+)?)?$/i;

/** `narrowed`: only some of what is below is removed, so that the working directory itself is an ordinary start. */
function isKept(world: World, path: string, narrowed: boolean): boolean {
  if (topDirectories.test(path) || below(path, world.home) !== undefined) return true;
  return world.workspace.some((root) => {
    const inside = below(path, root);
    return inside !== undefined && !(narrowed && inside === '');
  });
}
