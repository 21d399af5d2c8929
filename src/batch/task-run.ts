// Owns: one task of a batch from its worker to its result: begun, gone on with, or only written down.
// Promises: who runs it is written down before it exists; a worker that ended while nobody looked is not run again; what ended
// because the run was stopped, or because no worker can go on, is no result: the next run goes on with it.
// Never: decides when a task may begin (engine.ts).
import { AworkersError } from '../contract/errors.ts';
import type { Spawned, WorkerManager } from '../contract/manager.ts';
import type { CheckResult, TaskResult } from '../contract/task-result.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type CheckWorld, runChecks } from './checks.ts';
import type { BatchTask } from './expand.ts';

/** A worker as `claude -p` reports it, and its denials that nobody was there to prevent. */
export type Description = { readonly message: Readonly<Record<string, unknown>>; readonly unapproved: number };

export type TaskWorld = {
  readonly manager: WorkerManager;
  readonly checkpoint: Checkpoint;
  readonly checks: CheckWorld;
  readonly describe: (worker: WorkerSnapshot) => Promise<Description>;
  readonly newId: () => string;
  /** ISO 8601. */
  readonly now: () => string;
};

/** Errors after which no worker can go on: of the account, not of the task. */
const accountErrors: ReadonlySet<string> = new Set(['authentication_error', 'billing_error', 'permission_error']);

export function isAccountError(worker: Pick<WorkerSnapshot, 'state' | 'error_type'>): boolean {
  return worker.state === 'failed' && accountErrors.has(worker.error_type ?? '');
}

/** Ended by itself: its result counts. */
export function hasResult(worker: WorkerSnapshot): boolean {
  return worker.state === 'completed' || (worker.state === 'failed' && !isAccountError(worker));
}

/** The worker as its journal has it; undefined: it never came to be. */
export async function find(manager: WorkerManager, workerId: string): Promise<WorkerSnapshot | undefined> {
  try {
    return await manager.read(workerId);
  } catch (error) {
    if (error instanceof AworkersError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** A new worker, or the earlier one as it stands. */
export async function begin(
  task: BatchTask,
  earlier: WorkerSnapshot | undefined,
  workerId: string,
  { manager, checkpoint, now }: TaskWorld,
): Promise<Spawned> {
  const { description, prompt, agent_type, options } = task;
  // What was meant for a worktree is not granted outside of it.
  const regrant = options.isolation === undefined ? options : {};
  if (earlier !== undefined) return await manager.recover(earlier.worker_id, regrant);
  checkpoint.started(task, workerId, now());
  return await manager.spawn(
    { description, prompt, options, ...(agent_type === undefined ? {} : { agent_type }) },
    workerId,
  );
}

export async function conclude(
  task: BatchTask,
  worker: WorkerSnapshot,
  world: TaskWorld,
  signal: AbortSignal,
): Promise<TaskResult> {
  const { cwd, worktree } = worker.plan;
  // A worktree without changes is gone: what it held is what the caller's directory holds.
  const place = { result: worker.result, cwd: worker.worktree?.kept === false ? (worktree?.from ?? cwd) : cwd };
  const checks = worker.state === 'completed' ? await runChecks(task.checks, place, world.checks, signal) : [];
  const result = resultOf(task, worker, checks, await world.describe(worker), world);
  world.checkpoint.ended(result);
  return result;
}

function resultOf(
  task: BatchTask,
  worker: WorkerSnapshot,
  checks: readonly CheckResult[],
  { message, unapproved }: Description,
  { manager, now }: TaskWorld,
): TaskResult {
  const missed = checks.filter((check) => !check.passed);
  const completed = worker.state === 'completed' && missed.length === 0;
  const { error_type, error_hint } = failureOf(worker, missed);
  const check = missed.length > 0 ? { subtype: 'error_check', errors: [error_hint] } : {};
  return {
    id: task.id,
    ...message,
    ...check,
    status: completed ? 'completed' : 'failed',
    is_error: !completed,
    result: worker.result,
    ...(worker.structured_output === undefined ? {} : { structured_output: worker.structured_output }),
    ...(completed ? {} : { error_type, error_hint }),
    task: task.task,
    hash: task.hash,
    combination: { ...task.combination },
    repeat: task.repeat,
    description: task.description,
    model: worker.plan.settings.model,
    agent_type: worker.plan.agent_type,
    options: worker.plan.options,
    notices: [...worker.plan.notices],
    usage: worker.usage,
    total_cost_usd: worker.total_cost_usd,
    num_turns: worker.num_turns,
    duration_ms: worker.duration_ms,
    permission_denials: worker.permission_denials.map((denial) => ({ ...denial })),
    unapproved,
    checks: [...checks],
    worker_id: worker.worker_id,
    session_id: worker.session_id,
    ended_at: worker.ended_at ?? now(),
    conversation_history_file_path: manager.transcriptPath(worker.worker_id),
  };
}

function failureOf(
  worker: WorkerSnapshot,
  missed: readonly CheckResult[],
): { readonly error_type: string; readonly error_hint: string } {
  if (missed.length > 0) {
    const text = missed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    return { error_type: 'check', error_hint: `Check failed: ${text}`.slice(0, 300) };
  }
  return {
    error_type: worker.error_type ?? worker.state,
    error_hint: worker.error_hint ?? `The worker is ${worker.state}.`,
  };
}
