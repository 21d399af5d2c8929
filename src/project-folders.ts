// Owns: the folders of a project: its root, and those from a working directory up to it.
// Promises: without a .git at or above it, a directory alone is the project.
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { sharedLook } from './shared-looks.ts';

export type Project = {
  /** The nearest directory at or above the one in question with a .git; itself when there is none. */
  readonly root: string;
  /** From the one in question up to the root: nearest first. */
  readonly directories: readonly string[];
  /** Those of them that have a .claude: in the others nothing below it needs to be looked for. */
  readonly configured: readonly string[];
  readonly hasGit: boolean;
};

export const projectOf = sharedLook((cwd: string): Project => {
  const directories: string[] = [];
  for (let directory = cwd, parent = dirname(cwd); ; directory = parent, parent = dirname(parent)) {
    directories.push(directory);
    if (existsSync(join(directory, '.git'))) return project(directory, directories, true);
    if (parent === directory) return project(cwd, [cwd], false);
  }
});

function project(root: string, directories: readonly string[], hasGit: boolean): Project {
  return { root, directories, configured: directories.filter((each) => existsSync(join(each, '.claude'))), hasGit };
}

export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}
