// Owns: what paths a word of a command may name, and the judgement of all of them.
// Promises: each directory the shell may be in counts; a word that could name any path asks.
// Never: expands a wildcard: it judges the directory it stands in, and the names it could match.
import type { JudgedPart } from '../../contract/permission.ts';
import { below, type PathPattern } from '../path-pattern.ts';
import { judgePath, type PathUse, locate } from '../paths.ts';
import { strictest } from '../strictest.ts';
import type { World } from '../world.ts';
import { type Arg, exactText, joined, leadOf, type Value } from './word.ts';

/** `whole`: with all that lies below it. */
type Options = { readonly rulesOnly?: boolean; readonly whole?: boolean };

export function judgeArg(
  world: World,
  use: PathUse,
  arg: Arg,
  dirs: readonly string[] | undefined,
  options: Options = {},
): JudgedPart {
  return strictest(arg.values.map((value) => judgeValue(world, use, arg.raw, value, dirs, options)));
}

function judgeValue(
  world: World,
  use: PathUse,
  raw: string,
  value: Value,
  dirs: readonly string[] | undefined,
  options: Options,
): JudgedPart {
  const unknown = (reason: string): JudgedPart => {
    if (options.rulesOnly === true) return { part: raw, decision: 'allow', reason: 'not a known path' };
    if (world.mode === 'bypassPermissions') return { part: raw, decision: 'allow', reason: 'mode bypassPermissions' };
    return { part: raw, decision: 'ask', reason };
  };
  const text = exactText(value);
  if (isDevice(value, use)) return { part: raw, decision: 'allow', reason: 'a stream of the command' };
  const target = text ?? wildDirectory(value);
  if (target === undefined) return unknown(`\`${raw}\` may name any path`);
  // A quoted tilde is a plain name.
  const path = target === '' ? '.' : target.startsWith('~') ? `./${target}` : target;
  if (path.startsWith('/'))
    return judgeAt(world, use, path, world.cwd, text === undefined ? value : undefined, options);
  if (dirs === undefined) return unknown(`the directory that \`${raw}\` is in is not known`);
  return strictest(dirs.map((dir) => judgeAt(world, use, path, dir, text === undefined ? value : undefined, options)));
}

function judgeAt(
  world: World,
  use: PathUse,
  path: string,
  dir: string,
  wild: Value | undefined,
  options: Options,
): JudgedPart {
  if (wild === undefined || use === 'search') return judgePath(world, use, path, dir, options);
  const kept = world.rules.find((rule) => {
    const bound = rule.decision !== 'allow' && (rule.tool === 'Read' || (use === 'edit' && rule.tool === 'Edit'));
    if (!bound || rule.path === undefined) return false;
    const { absolute, reals } = locate(world, path, dir);
    return [absolute, ...reals].some((each) => rule.path?.reaches(each) === true) && couldName(rule.path, wild);
  });
  const part = joined(wild);
  if (kept !== undefined)
    return { part, decision: 'ask', reason: `\`${part}\` may match ${kept.text}`, rule: kept.text };
  if (
    use === 'edit' &&
    options.rulesOnly !== true &&
    world.mode !== 'bypassPermissions' &&
    (/(^|\/)\.[^/]*[*?[]/.test(part) || couldProtect(world, path, dir, wild))
  ) {
    return { part, decision: 'ask', reason: `\`${part}\` may match a protected name` };
  }
  return judgePath(world, use, `${path}/\u{10fffd}`, dir, options);
}

/** Whether a wildcard could match a directory that no edit enters unasked, or one that holds it. */
function couldProtect(world: World, path: string, dir: string, wild: Value): boolean {
  const { absolute, reals } = locate(world, path, dir);
  const [part = ''] = joined(wild)
    .slice(leadOf(wild).lastIndexOf('/') + 1)
    .split('/');
  return world.protectedDirectories.some((kept) =>
    [absolute, ...reals].some((holder) => {
      const [name = ''] = below(holder, kept)?.split('/') ?? [];
      return name !== '' && partCouldBe(part.toLowerCase(), name.toLowerCase());
    }),
  );
}

const readable = /^\/dev\/(null|zero|u?random|stdin|tty|fd\/\d*)$/;
const writable = /^\/dev\/(null|stdout|stderr|tty|fd\/\d*)$/;

/** Known whole, but for a number: the descriptor of a process substitution. What else could follow may climb out of /dev/fd. */
function isDevice(value: Value, use: PathUse): boolean {
  if (!value.pieces.every(({ type }) => type === 'text' || type === 'number')) return false;
  const name = value.pieces.map(({ type, text }) => (type === 'number' ? '0' : text)).join('');
  return (use === 'edit' ? writable : readable).test(name);
}

/** The directory in which a wildcard matches; undefined when it could leave it. */
function wildDirectory(value: Value): string | undefined {
  if (value.pieces.some((piece) => piece.type === 'unknown' || piece.type === 'loose')) return undefined;
  const lead = leadOf(value);
  const rest = joined(value).slice(lead.lastIndexOf('/') + 1);
  if (rest.split('/').some((part) => part === '..' || /^\.[*?[@+!]/.test(part))) return undefined;
  const directory = lead.slice(0, lead.lastIndexOf('/') + 1);
  return directory === '' ? '.' : directory;
}

/** Whether a wildcard could match a path that the pattern matches. */
function couldName({ names, after }: PathPattern, wild: Value): boolean {
  const parts = joined(wild).toLowerCase().split('/');
  const last = parts.slice(0, Math.max(parts.length - after, 0));
  const fits = (name: string, within: readonly string[]) => within.some((part) => partCouldBe(part, name));
  return names.every((name, index) => fits(name, index === names.length - 1 ? last : parts));
}

function partCouldBe(part: string, name: string): boolean {
  if (!/[*?[$]/.test(part)) return part === name;
  if (name.startsWith('.') && /^[*?[]/.test(part)) return false; // a wildcard does not match a leading dot
  const lead = part.slice(0, part.search(/[*?[$]/));
  const tail = /[*?\])]([^*?[\]$()]*)$/.exec(part)?.[1] ?? '';
  return name.startsWith(lead) && name.endsWith(tail);
}
