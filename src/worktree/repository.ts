// Owns: the repository that a worktree is made of: whether it can be, from which commit, and where the worktree will be.
// Promises: what cannot be isolated is an AworkersError ('usage') that says why and what to do; nothing is made yet but, of a
// tree with uncommitted changes that are wanted, the objects of one commit that no branch names.
// Never: touches the caller's tree, index or branches.
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, relative } from 'node:path';
import { AworkersError } from '../contract/errors.ts';
import type { WorktreePlan } from '../contract/task.ts';
import type { Git } from './git.ts';

export type WorktreeWish = {
  /** Absolute: the caller's. */
  readonly cwd: string;
  readonly workerId: string;
  /** Worktrees are kept below it. */
  readonly home: string;
  readonly dirty: boolean;
};

type Repository = { readonly top: string; readonly common: string; readonly head: string };

export async function planWorktree(git: Git, wish: WorktreeWish, signal: AbortSignal): Promise<WorktreePlan> {
  const from = await realpath(wish.cwd);
  const { top, common, head } = await inspect(git, from, signal);
  const mark = createHash('sha256').update(common).digest('hex').slice(0, 8);
  const path = join(wish.home, '.aworkers', 'worktrees', `${basename(top)}-${mark}`, wish.workerId);
  if (isBelow(top, path)) {
    const hint = 'Leave isolation out, or work in a repository that does not hold your home directory.';
    throw unfit(
      from,
      `worktrees are kept in ${join(wish.home, '.aworkers')}, which is inside the repository ${top}`,
      hint,
    );
  }
  return {
    path,
    cwd: join(path, relative(top, from)),
    branch: `aworkers/${wish.workerId.slice(0, 8)}`,
    base: wish.dirty ? await withUncommitted(git, top, head, signal) : head,
    from,
    top,
    common,
    dirty: wish.dirty,
  };
}

async function inspect(git: Git, cwd: string, signal: AbortSignal): Promise<Repository> {
  const ask = (...args: readonly string[]) => git({ cwd }, ['rev-parse', '--path-format=absolute', ...args], signal);
  const kind = await ask('--is-bare-repository', '--is-inside-work-tree');
  if (!kind.ok) throw noRepository(cwd, kind.text);
  const [bare, inside] = kind.text.split('\n');
  if (bare === 'true') throw unfit(cwd, 'it is a bare repository, which has no files to work on', 'Use a clone of it.');
  if (inside !== 'true') throw unfit(cwd, 'it is inside a .git directory', 'Name a directory of the working tree.');
  const places = await ask('--show-toplevel', '--git-common-dir');
  const [top, common, ...more] = places.text.split('\n');
  if (!places.ok || top === undefined || common === undefined || more.length > 0) throw noRepository(cwd, places.text);
  const head = await ask('--verify', '--quiet', 'HEAD^{commit}');
  if (!head.ok) throw unfit(cwd, 'the repository has no commit yet', 'Commit something first.');
  const modules = await git({ cwd }, ['cat-file', '-e', 'HEAD:.gitmodules'], signal);
  if (modules.ok) {
    throw unfit(
      cwd,
      `${top} has submodules, which would be empty in a worktree`,
      'Leave isolation out, or give the worker a clone as its cwd.',
    );
  }
  return { top, common, head: head.text };
}

/** A commit of the tree as it stands, untracked files that are not ignored included; HEAD when there is nothing more than it. */
async function withUncommitted(git: Git, top: string, head: string, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aworkers-index-'));
  const must = async (args: readonly string[], index?: string): Promise<string> => {
    const run = await git({ cwd: top, ...(index === undefined ? {} : { index }) }, args, signal);
    if (run.ok) return run.text;
    throw unfit(
      top,
      `its uncommitted changes cannot be recorded (git ${args[0]}: ${run.text})`,
      'Commit them, or leave dirty out.',
    );
  };
  try {
    const index = join(folder, 'index');
    // None: nothing was ever staged, and every file counts as new.
    await copyFile(await must(['rev-parse', '--path-format=absolute', '--git-path', 'index']), index).catch(
      () => undefined,
    );
    await must(['add', '--all'], index);
    const tree = await must(['write-tree'], index);
    if (tree === (await must(['rev-parse', 'HEAD^{tree}']))) return head;
    return await must(['commit-tree', '--no-gpg-sign', '-p', head, '-m', 'Uncommitted changes', tree]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isBelow(directory: string, path: string): boolean {
  const rest = relative(directory, path);
  return rest !== '..' && !/^\.\.[/\\]/.test(rest) && !isAbsolute(rest);
}

function noRepository(cwd: string, said: string): AworkersError {
  if (/dubious ownership/.test(said)) {
    const hint = `If you trust it: git config --global --add safe.directory ${/safe\.directory (\S+)/.exec(said)?.[1] ?? cwd}`;
    return unfit(cwd, 'the repository belongs to another user, and git refuses to work with it', hint);
  }
  if (/not a git repository/.test(said))
    return unfit(cwd, 'it is not in a git repository', 'Run git init and commit, or leave isolation out.');
  return unfit(cwd, `git says: ${said}`, 'Correct the repository, or leave isolation out.');
}

function unfit(cwd: string, why: string, hint: string): AworkersError {
  return new AworkersError('usage', `isolation: ${cwd} cannot have a worktree: ${why}.`, hint);
}
