// A PathResolver over a table: posix paths, a home directory, and links given as real targets.
import { posix } from 'node:path';
import type { PathResolver } from '../../src/contract/ports.ts';

const home = '/home/ann';

/** `links` maps an absolute path to what it really is; everything below it moves with it. */
export function tablePaths(links: Readonly<Record<string, string>> = {}): PathResolver {
  const follow = (path: string): string => {
    for (const [link, target] of Object.entries(links)) {
      if (path === link || path.startsWith(`${link}/`)) return follow(target + path.slice(link.length));
    }
    return path;
  };
  return {
    resolve(path, cwd) {
      const expanded = path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
      const absolute = posix.resolve(cwd, expanded);
      return { absolute, real: follow(absolute) };
    },
  };
}
