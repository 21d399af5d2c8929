// Owns: the folders of a project: its root, and those from a working directory up to it.
// Promises: without a .git at or above it, a directory alone is the project.
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

export type Project = {
  /** The nearest directory at or above the one in question with a .git; itself when there is none. */
  readonly root: string;
  /** From the one in question up to the root: nearest first. */
  readonly directories: readonly string[];
  readonly hasGit: boolean;
};

export function projectOf(cwd: string): Project {
  const directories: string[] = [];
  for (let directory = cwd; ; directory = dirname(directory)) {
    directories.push(directory);
    if (existsSync(join(directory, '.git'))) return { root: directory, directories, hasGit: true };
    if (dirname(directory) === directory) return { root: cwd, directories: [cwd], hasGit: false };
  }
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}
