// Owns: where a path really leads. The gate and the file tools share this one answer; that what is opened is what was judged is
// seen to by judged-path.ts.
// Promises: links are followed and ".." is applied as the kernel does it, one component at a time, dangling links
// included; on systems that ignore case an existing name comes back as it is stored. Never throws.
// Never: creates or opens a file.
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
import type { PathResolver } from '../contract/ports.ts';

/** What Linux allows before it reports a loop. */
const maxLinks = 40;

export function createPathResolver(options: {
  readonly home: string;
  readonly platform: NodeJS.Platform;
}): PathResolver {
  const ignoresCase = options.platform === 'darwin' || options.platform === 'win32';
  const followed = (raw: string) => (ignoresCase ? asStored(followLinks(raw)) : followLinks(raw));
  return {
    resolve(path, cwd) {
      const expanded = expandHome(path, options.home);
      const raw = isAbsolute(expanded) ? expanded : `${resolve(cwd)}${sep}${expanded}`;
      return { absolute: resolve(raw), real: kernelAnswer(raw) ?? followed(raw) };
    },
  };
}

/** `path` as a worker in `cwd` should see it: relative inside, absolute outside. Both must be real paths. */
export function shownPath(path: string, cwd: string): string {
  if (path === cwd) return '.';
  const prefix = cwd.endsWith(sep) ? cwd : cwd + sep;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return path.startsWith('~/') || (sep === '\\' && path.startsWith('~\\')) ? join(home, path.slice(2)) : path;
}

/** Asking the kernel costs a third of a look at every component. Undefined: it does not exist, or is not ours to look at. */
function kernelAnswer(path: string): string | undefined {
  try {
    const real = realpathSync.native(path);
    return real.endsWith(' (deleted)') ? undefined : real; // how /proc names what went at this moment
  } catch {
    return undefined; // step by step it still has an answer
  }
}

function followLinks(path: string): string {
  let { root: real } = parse(path);
  const pending = components(path.slice(real.length));
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    const next = join(real, name);
    const target = linkTarget(next);
    if (target === undefined) {
      real = next;
      continue;
    }
    links += 1;
    if (links > maxLinks) return join(next, ...pending.toReversed());
    const { root } = parse(target);
    if (isAbsolute(target)) real = root;
    pending.push(...components(target.slice(root.length)));
  }
  return real;
}

/** Last first, so that the next one is popped. */
function components(path: string): string[] {
  return path
    .split(sep === '\\' ? /[\\/]/ : '/')
    .filter((name) => name !== '' && name !== '.')
    .toReversed();
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
  } catch {
    return undefined; // not ours to look at, or not a name at all: opening it will fail and say why
  }
}

function asStored(real: string): string {
  const rest: string[] = [];
  for (let path = real; path !== dirname(path); path = dirname(path)) {
    try {
      return join(realpathSync.native(path), ...rest);
    } catch {
      rest.unshift(basename(path)); // does not exist yet: its nearest existing parent has a stored name
    }
  }
  return real;
}
