// Owns: the workers of this process: spawn, wait, resume, approve, stop, list.
// Promises: a worker exists once its first event is journaled; beyond the cap workers queue; one worker's failure is
// never another's; a wait loses nothing (worker-batch.ts).
// Never: polls its own workers; touches a worker that another live process owns.
import { AworkersError } from '../contract/errors.ts';
import type { WorkerEvent } from '../contract/event.ts';
import type {
  ListFilter,
  PermissionAnswer,
  PermissionAnswered,
  ResumeRequest,
  Spawned,
  WaitQuery,
  WorkerListener,
  WorkerManager,
} from '../contract/manager.ts';
import type { Task } from '../contract/task.ts';
import type { CompletedEntry, WaitResult, WorkerSnapshot, WorkerSummary } from '../contract/worker.ts';
import type { WorkerLog } from '../journal/store.ts';
import { Answers } from './answers.ts';
import { hasCompleted, shuttingDown, stillBusy } from './conflicts.ts';
import { Delegation, type DelegationWorld, type Share } from './delegation.ts';
import type { ManagerDeps } from './deps.ts';
import { LiveWorker } from './live-worker.ts';
import { Logs } from './logs.ts';
import { progressLine } from './progress.ts';
import { Roster } from './roster.ts';
import { Slots } from './slots.ts';
import { spawnedOf, summaryOf } from './entries.ts';
import { stopElsewhere, type Taken } from './stop-elsewhere.ts';
import { WaitRoom } from './wait-room.ts';
import { WorkerBatch } from './worker-batch.ts';

export class Manager implements WorkerManager {
  readonly #deps: ManagerDeps;
  readonly #slots: Slots;
  readonly #roster: Roster;
  readonly #batch = new WorkerBatch();
  readonly #waitRoom: WaitRoom;
  readonly #answers: Answers;
  readonly #delegation: Delegation;
  readonly #logs: Logs;
  readonly #listeners = new Set<WorkerListener>();
  /** Spawns and resumes under way: a wait beside them in the same turn includes their workers. */
  readonly #starting = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
    this.#slots = new Slots(deps.maxConcurrency);
    this.#roster = new Roster((id) => this.transcriptPath(id));
    this.#waitRoom = new WaitRoom(deps.store, deps.clock, this.#roster);
    this.#answers = new Answers({
      store: deps.store,
      gate: deps.gate,
      isLive: (id) => this.#roster.liveWorker(id) !== undefined,
      revive: (id, use) => this.#revive(id, use),
    });
    this.#logs = new Logs(deps, (event, id) => this.#tell(event, id), this.#closing.signal);
    this.#delegation = new Delegation({
      newId: () => deps.newId(),
      spawn: this.#spawnChild,
      resume: this.#resumeChild,
      read: (id) => this.read(id),
      pathOf: (id) => this.transcriptPath(id),
    });
    deps.store.onStopRequest((id, reason) => void this.#roster.liveWorker(id)?.end({ type: 'stop', reason }));
  }

  get logsDir(): string {
    return this.#deps.store.logsDir;
  }

  spawn(task: Task, workerId = this.#deps.newId()): Promise<Spawned> {
    return this.#startingOne(async () => {
      const plan = await this.#deps.plan(task, this.#closing.signal, workerId);
      return this.#launched(await this.#logs.create(task, plan, workerId), false);
    });
  }

  resume(request: ResumeRequest): Promise<Spawned> {
    return this.#startingOne(async () => {
      const { worker_id, prompt, options } = request;
      return this.#launched(await this.#logs.resume(this.#idle(worker_id), prompt, options), false);
    });
  }

  recover(workerId: string, regrant?: Task['options']): Promise<Spawned> {
    return this.#startingOne(async () => {
      const id = this.#idle(workerId);
      if ((await this.#deps.store.read(id)).state === 'completed') throw hasCompleted(id);
      return this.#launched((await this.#logs.take(id, undefined, regrant)).log, true);
    });
  }

  async wait(query: WaitQuery, signal?: AbortSignal): Promise<WaitResult> {
    const named = query.worker_ids === undefined ? undefined : query.worker_ids.map((id) => this.#workerId(id));
    if (named === undefined) await Promise.allSettled(this.#starting);
    const batch = () => this.#batch.ids;
    if ((named ?? batch()).length === 0) {
      throw new AworkersError('not_found', 'There is no worker to wait for.', 'Call spawn_worker first, then wait.');
    }
    const { result, workerIds } = await this.#waitRoom.wait(named, batch, query, signal);
    const open = result.running.length + result.pending_permissions.length;
    if (named === undefined && open === 0) this.#batch.reportedAll(workerIds);
    return result;
  }

  async ended(workerId: string): Promise<void> {
    await this.#roster.liveWorker(workerId)?.ended;
  }

  approve(answer: PermissionAnswer): Promise<PermissionAnswered> {
    return this.#answers.answer(answer);
  }

  async stop(workerId: string, reason = 'on request'): Promise<WorkerSummary> {
    const id = this.#workerId(workerId);
    await this.#roster.liveWorker(id)?.end({ type: 'stop', reason });
    return (
      this.#roster.summary(id) ?? summaryOf(await stopElsewhere(this.#deps, () => this.#logs.take(id), id, reason))
    );
  }

  async list(filter: ListFilter = {}): Promise<readonly WorkerSummary[]> {
    const own = new Map(this.#roster.summaries().map((summary) => [summary.worker_id, summary]));
    const { workers } = await this.#deps.store.list();
    const rest = workers.filter((summary) => !own.has(summary.worker_id));
    return [...own.values(), ...rest]
      .filter((summary) => filter.status === undefined || summary.status === filter.status)
      .toSorted((a, b) => b.last_activity_at.localeCompare(a.last_activity_at));
  }

  async unreadable(): ReturnType<WorkerManager['unreadable']> {
    return (await this.#deps.store.list()).unreadable;
  }

  async read(workerId: string): Promise<WorkerSnapshot> {
    const id = this.#workerId(workerId);
    return this.#roster.liveWorker(id)?.snapshot() ?? this.#deps.store.read(id);
  }

  transcriptPath(workerId: string): string {
    return this.#deps.store.paths(workerId).transcript;
  }

  journalPath(workerId: string): string {
    return this.#deps.store.paths(workerId).journal;
  }

  progress(workerIds: readonly string[] = this.#batch.ids): string {
    const workers = workerIds.map((id) => this.#roster.summary(id)).filter((summary) => summary !== undefined);
    return progressLine(workers, this.#deps.clock.now(), this.#deps.quietMs);
  }

  writeManifest(entries: readonly CompletedEntry[]): Promise<string> {
    return this.#deps.store.writeManifest(entries);
  }

  subscribe(listener: WorkerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(reason: string): Promise<void> {
    return (this.#closed ??= this.#closeOnce(reason));
  }

  async #closeOnce(reason: string): Promise<void> {
    this.#closing.abort(shuttingDown());
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#roster.live.map((worker) => worker.end({ type: 'shutdown', reason })));
    await this.#deps.store.close();
  }

  async #startingOne<T>(start: () => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted();
    const started = start();
    this.#starting.add(started);
    try {
      return await started;
    } finally {
      this.#starting.delete(started);
    }
  }

  #tell(event: WorkerEvent, id: string): void {
    for (const listener of this.#listeners) listener(event, id);
  }

  /** A worker of the batch; a child comes in by its parent. */
  #launched(log: WorkerLog, goesOn: boolean): Spawned {
    const worker = this.#launch(log, goesOn);
    if (worker.parentId === undefined) this.#batch.add(worker.id);
    return spawnedOf(worker.snapshot(), this.transcriptPath(worker.id));
  }

  #launch(log: WorkerLog, goesOn: boolean, share?: Share): LiveWorker {
    const id = log.worker_id;
    const worker = new LiveWorker(log, this.#deps, this.#slots, {
      onEvent: (event) => {
        if (event.type === 'permission.requested') this.#roster.lineOf(id).forEach((each) => this.#waitRoom.wake(each));
        this.#tell(event, id);
      },
      onEnded: (ended) => {
        this.#roster.settle(ended);
        this.#waitRoom.wake(id);
      },
      goesOn,
      share,
      runningCost: () => this.#delegation.runningCost(id),
      delegate: (...call) => this.#delegation.delegate(...call),
    });
    this.#roster.add(worker);
    worker.start();
    return worker;
  }

  #spawnChild: DelegationWorld['spawn'] = (request, parent, limits, id, share) =>
    this.#startingOne(async () => {
      const { description, prompt, agent_type } = request;
      const task = { description, prompt, options: limits, ...(agent_type === undefined ? {} : { agent_type }) };
      const plan = await this.#deps.planChild(task, this.#closing.signal, id, parent);
      return this.#launch(await this.#logs.create(task, plan, id), false, share);
    });

  #resumeChild: DelegationWorld['resume'] = (id, prompt, limits, share) =>
    this.#startingOne(async () => this.#launch(await this.#logs.resume(this.#idle(id), prompt, limits), false, share));

  #revive<T>(id: string, use: (taken: Taken) => Promise<T>): Promise<T> {
    return this.#startingOne(async () => {
      const taken = await this.#logs.take(id);
      return use(taken).finally(() => this.#launched(taken.log, false));
    });
  }

  /** The id of a worker that does not run here. */
  #idle(word: string): string {
    const id = this.#workerId(word);
    const running = this.#roster.liveWorker(id);
    if (running !== undefined) throw stillBusy(id, running.snapshot().state);
    return id;
  }

  /** Accepts a session_id, and a unique prefix. */
  #workerId(id: string): string {
    return this.#roster.find(id) ?? this.#deps.store.find(id);
  }
}
