// Owns: what the manager is given.
// Promises: everything that reads files, the environment or a model's table is behind one of these functions.
import type { ValidateOutput } from '../agent/world.ts';
import type { Delegate } from '../contract/delegate.ts';
import type { WorkerOptions } from '../contract/options.ts';
import type { Approver, Clock, ModelClient, Policy, Toolset, Worktrees } from '../contract/ports.ts';
import type { Task, WorkerPlan } from '../contract/task.ts';
import type { Store } from '../journal/store.ts';
import type { Gate } from '../permission/gate.ts';

export type PlanOf = { readonly worker_id: string; readonly plan: WorkerPlan };

export type Equipment = { readonly toolset: Toolset; readonly policy: Policy };

export type ManagerDeps = {
  readonly store: Store;
  readonly model: ModelClient;
  readonly gate: Gate;
  /** Who answers what policy asks: the gate (approve_permission), a person at a terminal, or nobody. */
  readonly approver: Approver;
  readonly clock: Clock;
  newId(): string;
  /** Resolves agent type, options and notices. Throws AworkersError('usage') for what does not hold. Aborted by close. */
  plan(task: Task, signal: AbortSignal, workerId: string): Promise<WorkerPlan>;
  /** The plan of a resumed worker: `options` over those it had; its API version stays. `proven` false: it grants nothing. */
  replan(
    previous: WorkerPlan,
    options: WorkerOptions | undefined,
    signal: AbortSignal,
    proven: boolean,
  ): Promise<WorkerPlan>;
  /** Needed by plans with a worktree. */
  readonly worktrees?: Pick<Worktrees, 'open' | 'settle'>;
  /** The plan of a child: never more than its parent's. `parent` names the plan and its worker. */
  planChild(task: Task, signal: AbortSignal, workerId: string, parent: PlanOf): Promise<WorkerPlan>;
  /** What a worker works with, under the rules of this moment. `remembered`: rules that answers gave this worker. */
  equip(workerId: string, plan: WorkerPlan, remembered: readonly string[], delegate: Delegate): Promise<Equipment>;
  outputValidator(schema: Readonly<Record<string, unknown>>): ValidateOutput;
  readonly maxConcurrency: number;
  /** Milliseconds without an event after which progress names a running worker. */
  readonly quietMs: number;
};
