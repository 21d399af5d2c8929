// Owns: what options.isolation asks for, and that a worker stays where it began.
import { AworkersError } from './contract/errors.ts';
import type { WorkerOptions } from './contract/options.ts';
import type { WorkerPlan } from './contract/task.ts';

export function isolationOf({ isolation }: WorkerOptions): { readonly dirty: boolean } | undefined {
  if (isolation === undefined) return undefined;
  return { dirty: isolation !== 'worktree' && isolation.dirty === true };
}

/** Its conversation is about the files it saw: a resume neither moves it into a worktree nor out of one. */
export function refuseMove({ worktree }: WorkerPlan, more: WorkerOptions = {}): void {
  const hint = 'Leave the option out, or spawn a new worker.';
  if (worktree === undefined && more.isolation !== undefined) {
    throw new AworkersError('usage', 'isolation: this worker was spawned without, and a resume cannot add it.', hint);
  }
  if (worktree !== undefined && more.cwd !== undefined) {
    throw new AworkersError('usage', `cwd: this worker has its own worktree, ${worktree.path}, and stays there.`, hint);
  }
}
