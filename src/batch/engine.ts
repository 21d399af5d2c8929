// Owns: a batch from its tasks to its end: what is left to do, how many run at once, when to stop.
// Promises: at most `concurrency` workers at work; each task is begun once; one task's failure is not another's. Stopping ends what
// runs so that the next run goes on with it, and resolves with what there is.
// Never: prints; knows a flag.
import { errorText } from '../contract/errors.ts';
import { isEnd, type WorkerEvent } from '../contract/event.ts';
import type { Spawned } from '../contract/manager.ts';
import type { Clock } from '../contract/ports.ts';
import type { TaskResult } from '../contract/task-result.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { createBeginPace } from './begin-pace.ts';
import type { BatchTask } from './expand.ts';
import { type Limits, openBudgets } from './run-budgets.ts';
import { begin, conclude, find, hasResult, isAccountError, type TaskWorld } from './task-run.ts';

export type Stop = {
  readonly type: 'interrupt' | 'cost' | 'turns' | 'timeout' | 'fail_fast' | 'account';
  /** One sentence. */
  readonly reason: string;
  /** Of an account that failed. */
  readonly error_type?: string;
};

export type BatchListener = {
  readonly begun?: (task: BatchTask, spawned: Spawned) => void;
  readonly event?: (task: BatchTask, event: WorkerEvent, workerId: string) => void;
  /** `earlier`: by a run before this one. */
  readonly ended?: (task: BatchTask, result: TaskResult, earlier: boolean) => void;
  /** It was ended before it had a result; the next run goes on with it. */
  readonly unfinished?: (task: BatchTask) => void;
  readonly stopping?: (stop: Stop) => void;
};

export type BatchSettings = Limits & {
  readonly concurrency: number;
  readonly timeoutSeconds?: number;
  readonly failFast: boolean;
  readonly retryFailed: boolean;
};

export type BatchEnd = {
  /** In the order of the tasks. */
  readonly results: readonly TaskResult[];
  /** Not begun, or ended before there was a result. */
  readonly unfinished: readonly BatchTask[];
  readonly stopped: Stop | undefined;
};

/** Of tasks that wait for a person more may be open than run, up to so many times as many. */
const openFactor = 4;

type Active = {
  readonly task: BatchTask;
  begun: boolean;
  /** To be called when its worker has started, or never will. */
  readonly started: () => void;
  awaiting: boolean;
  /** Taken at its end, while it is still in memory: afterwards it would be its whole journal, read again. */
  ended?: Promise<WorkerSnapshot>;
};

export async function runBatch(
  tasks: readonly BatchTask[],
  settings: BatchSettings,
  world: TaskWorld & { readonly clock: Clock },
  listener: BatchListener,
  signal: AbortSignal,
): Promise<BatchEnd> {
  const { manager, checkpoint } = world;
  const results = new Map<string, TaskResult>();
  const earlier = new Map<string, WorkerSnapshot>();
  const todo: BatchTask[] = [];
  const active = new Map<string, Active>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let stopped: Stop | undefined;
  let failure: { readonly error: unknown } | undefined;
  let change = Promise.withResolvers<void>();
  const pace = createBeginPace(wake);
  let awaitingCount = 0;

  for (const task of tasks) {
    const known = checkpoint.known(task);
    if (known.state === 'ended' && (known.result.status === 'completed' || !settings.retryFailed)) {
      results.set(task.id, known.result);
      listener.ended?.(task, known.result, true);
      continue;
    }
    const worker = known.state === 'begun' ? await find(manager, known.worker_id) : undefined;
    if (worker !== undefined) earlier.set(task.id, worker);
    todo.push(task);
  }
  const budgets = openBudgets(settings, checkpoint.spent, [...earlier.values()]);
  const onlyToWrite = (task: BatchTask) => hasResultOf(earlier.get(task.id));
  todo.sort((a, b) => Number(onlyToWrite(b)) - Number(onlyToWrite(a)));

  function wake(): void {
    change.resolve();
    change = Promise.withResolvers<void>();
  }

  /** Begins nothing more; what runs goes on. */
  function close(why: Stop): void {
    if (stopped === undefined) listener.stopping?.(why);
    stopped ??= why;
    wake();
  }

  function stop(why: Stop): void {
    close(why);
    if (stopping.signal.aborted) return;
    stopping.abort(new Error(why.reason));
    for (const [id, { begun }] of active) if (begun) endWorker(id, why.reason);
  }

  function endWorker(id: string, reason: string): void {
    manager.stop(id, reason).catch((error: unknown) => fail(error));
  }

  function fail(error: unknown): void {
    failure ??= { error };
    stop({ type: 'interrupt', reason: errorText(error) });
  }

  function onEvent(event: WorkerEvent, workerId: string): void {
    const entry = active.get(workerId);
    if (entry === undefined) return;
    listener.event?.(entry.task, event, workerId);
    const awaiting = event.type === 'permission.requested' || (entry.awaiting && event.type !== 'permission.resolved');
    if (awaiting !== entry.awaiting) {
      entry.awaiting = awaiting;
      awaitingCount += awaiting ? 1 : -1;
      wake();
    }
    if (event.type === 'worker.started') entry.started();
    if (isEnd(event)) entry.ended = manager.read(workerId);
    if (event.type !== 'model.replied') return;
    const overdrawn = budgets.pay(entry.task, event);
    if (overdrawn === undefined) return;
    if (overdrawn.blind) return stop(overdrawn);
    close(overdrawn);
    endWorker(workerId, overdrawn.reason); // between two replies: nothing that was paid for is lost
  }

  /** Resolves when the next task may begin, false when none may any more. */
  async function mayBegin(task: BatchTask): Promise<boolean> {
    for (;;) {
      if (stopped !== undefined) return false;
      const free =
        pace.mayBegin() &&
        running.size - awaitingCount < settings.concurrency &&
        running.size < settings.concurrency * openFactor;
      if (free) {
        const refused = onlyToWrite(task) ? undefined : budgets.reserve(task);
        if (refused === undefined) return true;
        if (running.size === 0) {
          close(refused);
          return false;
        }
      }
      await change.promise;
    }
  }

  async function runOne(task: BatchTask): Promise<void> {
    const before = earlier.get(task.id);
    earlier.delete(task.id);
    const id = before?.worker_id ?? world.newId();
    let worker = before;
    if (!hasResultOf(before)) {
      const entry: Active = { task, begun: false, started: pace.begin(), awaiting: false };
      active.set(id, entry);
      try {
        listener.begun?.(task, await begin(task, before, id, world));
        entry.begun = true;
        if (stopping.signal.aborted) endWorker(id, 'The run was ended.');
        await manager.ended(id);
        worker = await (entry.ended ?? manager.read(id));
      } finally {
        active.delete(id);
        entry.started();
        if (entry.awaiting) awaitingCount -= 1;
      }
    }
    if (worker !== undefined && isAccountError(worker)) {
      const reason = worker.error_hint ?? 'The account was refused.';
      stop({ type: 'account', reason, ...(worker.error_type === undefined ? {} : { error_type: worker.error_type }) });
    }
    const strayStop = worker?.state === 'stopped' && stopped === undefined; // by somebody else, so it counts
    const whole = strayStop || hasResultOf(worker);
    budgets.release(task, whole);
    if (worker === undefined || !whole) return listener.unfinished?.(task);
    const result = await conclude(task, worker, world, stopping.signal);
    results.set(task.id, result);
    listener.ended?.(task, result, false);
    if (result.status === 'failed' && settings.failFast) {
      stop({ type: 'fail_fast', reason: `${task.id} failed, and --fail-fast was given` });
    }
  }

  const onAbort = () => stop({ type: 'interrupt', reason: 'interrupted by the user' });
  const unsubscribe = manager.subscribe(onEvent);
  const over = new AbortController();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const { timeoutSeconds } = settings;
  if (timeoutSeconds !== undefined) {
    const expire = () => stop({ type: 'timeout', reason: `The run took longer than ${timeoutSeconds} s` });
    world.clock.sleep(timeoutSeconds * 1000, over.signal).then(expire, () => undefined); // rejects when the run was faster
  }
  try {
    for (const task of todo) {
      if (!(await mayBegin(task))) break;
      const run = runOne(task)
        .catch((error: unknown) => {
          budgets.release(task, false);
          if (stopping.signal.aborted && error === stopping.signal.reason) listener.unfinished?.(task);
          else fail(error);
        })
        .finally(() => {
          running.delete(run);
          wake();
        });
      running.add(run);
    }
    await Promise.all(running);
  } finally {
    over.abort();
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
  if (failure !== undefined) throw failure.error;
  return {
    results: tasks.flatMap((task) => results.get(task.id) ?? []),
    unfinished: tasks.filter((task) => !results.has(task.id)),
    stopped,
  };
}

function hasResultOf(worker: WorkerSnapshot | undefined): worker is WorkerSnapshot {
  return worker !== undefined && hasResult(worker);
}
