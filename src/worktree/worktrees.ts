// Owns: the worktree of a worker on disk: made before its first tool runs, found again on resume, collected at its end.
// Promises: the caller's tree, index and branches stay as they are; whatever the worker left is a commit on its branch before it
// is reported; a worktree is removed, with its branch, only when git sees no change in it. What fails keeps everything. In a
// repository one is made or removed at a time: git fails over, and prunes, the half-made worktrees of its neighbours.
// Never: throws for what a repository or a disk can cause at the end: that is a value.
import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { Worktrees, WorktreeEnd } from '../contract/ports.ts';
import type { WorktreePlan } from '../contract/task.ts';
import { applyCommand } from './apply-command.ts';
import { type Git, type GitPlace, type GitWorld, openGit } from './git.ts';
import { planWorktree } from './repository.ts';

/** Another process may be making a worktree of the same repository. */
const triesToAdd = 4;

/** Runs the work when nothing else is being made or removed in that repository. */
type InTurn = <T>(plan: WorktreePlan, work: () => Promise<T>) => Promise<T>;

export function createWorktrees(world: GitWorld & { readonly home: string }): Worktrees {
  let opened: Promise<Git> | undefined;
  const last = new Map<string, Promise<unknown>>();
  const inTurn: InTurn = (plan, work) => {
    const turn = (last.get(plan.common) ?? Promise.resolve()).then(work);
    const over = turn.catch(() => undefined); // its failure is its caller's
    last.set(plan.common, over);
    return turn;
  };
  const git: Git = async (...call) => (await (opened ??= openGit(world)))(...call);
  return {
    plan: (cwd, workerId, dirty, signal) => planWorktree(git, { cwd, workerId, dirty, home: world.home }, signal),
    open: (plan, signal) => inTurn(plan, () => openWorktree(git, plan, signal)),
    settle: async (plan, end) => {
      try {
        return await settle(git, plan, end, inTurn);
      } catch (error) {
        const problem = errorText(error).slice(0, 300);
        return {
          branch: plan.branch,
          tip: null,
          changed: true,
          kept: true,
          diffstat: '',
          apply_command: null,
          problem,
        };
      }
    },
  };
}

/** Git names the folder after the last part of the path, which is the worker's id. */
function adminOf({ common, path }: WorktreePlan): string {
  return join(common, 'worktrees', path.slice(dirname(path).length + 1));
}

/** Written when the checkout is whole: before that no tool has run. */
function readyMark(plan: WorktreePlan): string {
  return join(adminOf(plan), 'aworkers-ready');
}

/** By its own administrative folder: the .git file in a worktree is the worker's to damage. */
function inside(plan: WorktreePlan): GitPlace {
  return { cwd: plan.path, gitDir: adminOf(plan), workTree: plan.path };
}

async function openWorktree(git: Git, plan: WorktreePlan, signal: AbortSignal): Promise<void> {
  const main = { cwd: plan.common, gitDir: plan.common };
  if (!existsSync(plan.path) || !existsSync(readyMark(plan))) {
    const add = async () => {
      await git(main, ['worktree', 'remove', '--force', '--force', plan.path], signal); // of a start that was cut short
      await git(main, ['worktree', 'prune'], signal);
      await mkdir(dirname(plan.path), { recursive: true, mode: 0o700 });
      const exists = await git(main, ['show-ref', '--verify', '--quiet', `refs/heads/${plan.branch}`], signal);
      const what = exists.ok ? [plan.path, plan.branch] : ['--no-track', '-b', plan.branch, plan.path, plan.base];
      return git(main, ['worktree', 'add', ...what], signal);
    };
    let added = await add();
    for (let tries = 1; !added.ok && tries < triesToAdd; tries += 1) added = await add();
    if (!added.ok) {
      const hint = `Correct that, then resume the worker; or spawn it without isolation.`;
      throw new AworkersError('io', `The worktree ${plan.path} could not be made: ${added.text}.`, hint);
    }
    await writeFile(readyMark(plan), '');
  }
  await mkdir(plan.cwd, { recursive: true }); // the caller's directory may hold nothing that is committed
}

async function settle(git: Git, plan: WorktreePlan, end: WorktreeEnd, inTurn: InTurn): ReturnType<Worktrees['settle']> {
  const { branch, tip } = existsSync(plan.path) ? await commitAll(git, plan, end) : await branchTip(git, plan);
  const clean = tip === plan.base && (end.completed || !(await holdsIgnored(git, plan)));
  if (clean) {
    await inTurn(plan, () => remove(git, plan));
    return { branch, tip, changed: false, kept: false, diffstat: '', apply_command: null };
  }
  const changed = tip !== plan.base;
  const diff = await must(git, { cwd: plan.common, gitDir: plan.common }, ['diff-tree', '--shortstat', plan.base, tip]);
  const apply_command = changed ? applyCommand(plan, branch) : null;
  return { branch, tip, changed, kept: true, diffstat: diff.trim(), apply_command };
}

/** Where the worker left its HEAD, with what was not committed as one more commit. */
async function commitAll(git: Git, plan: WorktreePlan, end: WorktreeEnd): Promise<{ branch: string; tip: string }> {
  const place = inside(plan);
  await rm(join(adminOf(plan), 'index.lock'), { force: true }); // of a git that ended with its worker
  await must(git, place, ['add', '--all']);
  const tree = await must(git, place, ['write-tree']);
  const head = await must(git, place, ['rev-parse', 'HEAD']);
  const same = tree === (await must(git, place, ['rev-parse', 'HEAD^{tree}']));
  const commit = ['commit-tree', '--no-gpg-sign', '-p', head, '-m', end.message, tree];
  const tip = same ? head : await must(git, place, commit);
  if (!same) await must(git, place, ['update-ref', 'HEAD', tip, head]);
  const on = await git(place, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (on.ok) return { branch: on.text, tip };
  const branch = `${plan.branch}-detached`;
  await must(git, place, ['update-ref', `refs/heads/${branch}`, tip]);
  return { branch, tip };
}

/** The worker deleted its own worktree. */
async function branchTip(git: Git, plan: WorktreePlan): Promise<{ branch: string; tip: string }> {
  const main = { cwd: plan.common, gitDir: plan.common };
  return { branch: plan.branch, tip: await must(git, main, ['rev-parse', '--verify', `refs/heads/${plan.branch}`]) };
}

async function holdsIgnored(git: Git, plan: WorktreePlan): Promise<boolean> {
  if (!existsSync(plan.path)) return false;
  return (await must(git, inside(plan), ['status', '--porcelain', '--ignored'])) !== '';
}

async function remove(git: Git, plan: WorktreePlan): Promise<void> {
  const main = { cwd: plan.common, gitDir: plan.common };
  if (existsSync(plan.path)) await must(git, main, ['worktree', 'remove', '--force', plan.path]);
  else await git(main, ['worktree', 'prune']);
  await git(main, ['update-ref', '-d', `refs/heads/${plan.branch}`, plan.base]);
  await rmdir(dirname(plan.path)).catch(() => undefined); // not empty: others of this repository work there
}

async function must(git: Git, place: GitPlace, args: readonly string[]): Promise<string> {
  const { ok, text } = await git(place, args);
  if (ok) return text;
  throw new AworkersError('io', `git ${args[0]} failed: ${text}`, '');
}
