// Owns: whether a directory is in a git repository, and on which branch, read without running git.
// Promises: only reads .git/HEAD; any doubt is "no".
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

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
    if ((await stat(dotGit)).isDirectory()) return await readFile(join(dotGit, 'HEAD'), 'utf8');
    const folder = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1];
    return folder === undefined ? undefined : await readFile(join(resolve(dirname(dotGit), folder), 'HEAD'), 'utf8');
  } catch {
    return undefined; // no repository here, or one that we may not read
  }
}
