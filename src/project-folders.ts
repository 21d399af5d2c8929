// Owns: the folders of a project: its root, and those from a working directory up to it.
// Promises: nearest folder first; without a .git at or above it, `cwd` alone is the project.
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** The nearest directory at or above `cwd` with a .git; `cwd` itself when there is none. */
export function projectRoot(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (existsSync(join(directory, '.git'))) return directory;
    if (dirname(directory) === directory) return cwd;
  }
}

/** From `cwd` up to the project's root: nearest first. */
export function projectDirectories(cwd: string, root = projectRoot(cwd)): readonly string[] {
  return cwd === root ? [cwd] : [cwd, ...projectDirectories(dirname(cwd), root)];
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}
