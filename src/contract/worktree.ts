// Owns: what became of a worker's git worktree.
// Promises: enough to find, judge and apply its changes without reading the journal.
// Never: how git was run.
import { z } from 'zod';
import { once, type Read } from './once.ts';

export const worktreeSettledSchema = once(() =>
  z.object({
    /** Where its changes are: its own branch, unless the worker itself went to another. */
    branch: z.string(),
    /** The last commit; null: not known, see `problem`. */
    tip: z.string().nullable(),
    changed: z.boolean(),
    /** False: nothing was changed, and worktree and branch are removed (or not made yet). */
    kept: z.boolean(),
    /** As git says it: "2 files changed, 10 insertions(+)". */
    diffstat: z.string(),
    /** For a shell; null: nothing to apply. */
    apply_command: z.string().nullable(),
    /** Why its changes could not be collected; they are in the worktree. */
    problem: z.string().optional(),
  }),
);
export type WorktreeSettled = Read<typeof worktreeSettledSchema>;

/** A worker's worktree as it is reported. `changed` null: it has not ended since it began to work there. */
export type WorktreeReport = {
  readonly path: string;
  readonly branch: string;
  readonly base: string;
  readonly changed: boolean | null;
  readonly kept: boolean;
  readonly diffstat: string;
  readonly apply_command: string | null;
  readonly problem?: string | undefined;
};
