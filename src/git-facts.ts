// Owns: whether a directory is in a git repository, and on which branch, read without running git.
// Promises: only reads .git/HEAD; any doubt is "no".
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readProjectText } from './project-text.ts';

export type GitFacts = { readonly isGit: boolean; readonly branch?: string };

export async function gitFacts(cwd: string): Promise<GitFacts> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const head = await headOf(join(folder, '.git'));
    if (head !== undefined) {
      const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
      return branch === undefined ? { isGit: true } : { isGit: true, branch };
    }
    if (dirname(folder) === folder) return { isGit: false };
  }
}

/** `.git` is a directory, or in a worktree a file that names one. */
async function headOf(dotGit: string): Promise<string | undefined> {
  try {
    if ((await stat(dotGit)).isDirectory()) return await readProjectText(join(dotGit, 'HEAD'));
    const folder = /^gitdir: (.+)$/m.exec(await readProjectText(dotGit))?.[1];
    return folder === undefined ? undefined : await readProjectText(join(resolve(dirname(dotGit), folder), 'HEAD'));
  } catch {
    return undefined; // no repository here, or one that we may not read
  }
}
