// Owns: whether a directory is in a git repository, and on which branch, read without running git.
// Promises: only reads .git/HEAD; any doubt is "no".
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sharedLook } from './shared-looks.ts';
import type { Project } from './project-folders.ts';
import { readProjectText } from './project-text.ts';

export type GitFacts = { readonly isGit: boolean; readonly branch?: string };

export function gitFacts({ root, hasGit }: Pick<Project, 'root' | 'hasGit'>): GitFacts {
  if (!hasGit) return { isGit: false };
  for (let folder = root; ; folder = dirname(folder)) {
    const head = headOf(join(folder, '.git'));
    if (head !== undefined) {
      const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
      return branch === undefined ? { isGit: true } : { isGit: true, branch };
    }
    if (dirname(folder) === folder) return { isGit: false };
  }
}

/** `.git` is a directory, or in a worktree a file that names one. */
const headOf = sharedLook((dotGit: string): string | undefined => {
  try {
    const info = statSync(dotGit, { throwIfNoEntry: false });
    if (info === undefined) return undefined;
    if (info.isDirectory()) return readProjectText(join(dotGit, 'HEAD'));
    const folder = /^gitdir: (.+)$/m.exec(readProjectText(dotGit))?.[1];
    return folder === undefined ? undefined : readProjectText(join(resolve(dirname(dotGit), folder), 'HEAD'));
  } catch {
    return undefined; // no repository here, or one that we may not read
  }
});
