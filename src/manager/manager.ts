// Owns: the workers of this process: spawn, wait, resume, approve, stop, list.
// Promises: a worker exists once its first event is journaled; beyond the cap workers queue; one worker's failure is
// never another's; a wait loses nothing (worker-batch.ts).
// Never: polls its own workers; touches a worker that another live process owns.
import { settleUnfinished } from '../agent/settle.ts';
import { AworkersError } from '../contract/errors.ts';
import type { EventBody, WorkerEvent } from '../contract/event.ts';
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
import type { WorkerOptions } from '../contract/options.ts';
import type { Task } from '../contract/task.ts';
import type { CompletedEntry, WaitResult, WorkerSnapshot, WorkerSummary } from '../contract/worker.ts';
import type { WorkerLog } from '../journal/store.ts';
import type { Answered } from '../permission/gate.ts';
import { findAsker, resolvedEvent } from './asker.ts';
import type { ManagerDeps } from './deps.ts';
import { LiveWorker } from './live-worker.ts';
import { progressLine } from './progress.ts';
import { Roster } from './roster.ts';
import { Slots } from './slots.ts';
import { summaryOf } from './entries.ts';
import { WaitRoom } from './wait-room.ts';
import { WorkerBatch } from './worker-batch.ts';

export class Manager implements WorkerManager {
  readonly #deps: ManagerDeps;
  readonly #slots: Slots;
  readonly #roster: Roster;
  readonly #batch = new WorkerBatch();
  readonly #waitRoom: WaitRoom;
  readonly #listeners = new Set<WorkerListener>();
  /** Spawns and resumes under way: a wait beside them in the same turn includes their workers. */
  readonly #starting = new Set<Promise<unknown>>();
  /** Ends what a spawn or resume under way waits for. */
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
    this.#slots = new Slots(deps.maxConcurrency);
    this.#roster = new Roster((id) => this.transcriptPath(id));
    this.#waitRoom = new WaitRoom(deps.store, deps.clock, this.#roster);
  }

  get logsDir(): string {
    return this.#deps.store.logsDir;
  }

  spawn(task: Task): Promise<Spawned> {
    return this.#startingOne(async () => {
      const plan = await this.#deps.plan(task, this.#closing.signal);
      const worker_id = this.#deps.newId();
      const session_id = this.#deps.newId();
      const { description, prompt } = task;
      const { owner } = this.#deps.store;
      const first = { type: 'worker.spawned', worker_id, session_id, description, prompt, plan, owner } as const;
      const { log, event } = await this.#deps.store.create(first);
      this.#tell(event, worker_id);
      return this.#launch(log);
    });
  }

  resume(request: ResumeRequest): Promise<Spawned> {
    return this.#startingOne(async () => {
      const id = this.#workerId(request.worker_id);
      const running = this.#roster.liveWorker(id);
      if (running !== undefined) throw running.isBusy();
      const { log, record } = await this.#take(id, request.options);
      await settleUnfinished({ history: log.snapshot().history, record }, 'The worker was interrupted');
      await record({ type: 'message.appended', content: request.prompt });
      return this.#launch(log);
    });
  }

  async wait(query: WaitQuery, signal?: AbortSignal): Promise<WaitResult> {
    const named = query.worker_ids === undefined ? undefined : query.worker_ids.map((id) => this.#workerId(id));
    if (named === undefined) await Promise.allSettled(this.#starting);
    const ids = () => named ?? this.#batch.ids;
    if (ids().length === 0) {
      throw new AworkersError('not_found', 'There is no worker to wait for.', 'Call spawn_worker first, then wait.');
    }
    const { result, workerIds } = await this.#waitRoom.wait(ids, query, signal);
    const open = result.running.length + result.pending_permissions.length;
    if (named === undefined && open === 0) this.#batch.reportedAll(workerIds);
    return result;
  }

  async approve(answer: PermissionAnswer): Promise<PermissionAnswered> {
    const { request, resolution } = await this.#answer(answer).catch((error: unknown) =>
      this.#answerRevived(answer, error),
    );
    return {
      status: resolution.allow ? 'approved' : 'denied',
      request_id: request.request_id,
      worker_id: request.worker_id,
      tool: request.tool,
    };
  }

  async stop(workerId: string, reason = 'on request'): Promise<WorkerSummary> {
    const id = this.#workerId(workerId);
    await this.#roster.liveWorker(id)?.end({ type: 'stop', reason });
    return this.#roster.summary(id) ?? summaryOf(await this.#deps.store.read(id));
  }

  async list(filter: ListFilter = {}): Promise<readonly WorkerSummary[]> {
    const own = new Map(this.#roster.summaries().map((summary) => [summary.worker_id, summary]));
    const { workers } = await this.#deps.store.list();
    const rest = workers.filter((summary) => !own.has(summary.worker_id));
    return [...own.values(), ...rest]
      .filter((summary) => filter.status === undefined || summary.status === filter.status)
      .toSorted((a, b) => b.last_activity_at.localeCompare(a.last_activity_at));
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
    return progressLine(workers, this.#deps.clock.now());
  }

  writeManifest(entries: readonly CompletedEntry[]): Promise<string> {
    return this.#deps.store.writeManifest(entries);
  }

  subscribe(listener: WorkerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(reason: string): Promise<void> {
    this.#closed ??= this.#closeOnce(reason);
    return this.#closed;
  }

  async #closeOnce(reason: string): Promise<void> {
    this.#closing.abort(new AworkersError('conflict', 'aworkers is shutting down.', 'Start it again, then try again.'));
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#roster.live.map((worker) => worker.end({ type: 'shutdown', reason })));
    await this.#deps.store.close();
  }

  async #startingOne<T>(start: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) {
      throw new AworkersError('conflict', 'aworkers is shutting down.', 'Start it again, then resume the worker.');
    }
    const started = start();
    this.#starting.add(started);
    try {
      return await started;
    } finally {
      this.#starting.delete(started);
    }
  }

  /** Takes a worker that no live process has, under a plan with the new options. Its first event says so. */
  async #take(
    id: string,
    options?: WorkerOptions,
  ): Promise<{ log: WorkerLog; record: (event: EventBody) => Promise<void> }> {
    const log = await this.#deps.store.take(id);
    const record = async (event: EventBody) => this.#tell(await log.append(event), id);
    try {
      const plan = await this.#deps.replan(log.snapshot().plan, options, this.#closing.signal);
      await record({ type: 'worker.resumed', plan, owner: this.#deps.store.owner });
    } catch (error) {
      await log.close();
      throw error;
    }
    return { log, record };
  }

  #tell(event: WorkerEvent, id: string): void {
    for (const listener of this.#listeners) listener(event, id);
  }

  #launch(log: WorkerLog): Spawned {
    const id = log.worker_id;
    const worker = new LiveWorker(log, this.#deps, this.#slots, {
      onEvent: (_, event) => {
        if (event.type === 'permission.requested') this.#waitRoom.wake();
        this.#tell(event, id);
      },
      onEnded: (ended) => {
        this.#roster.settle(ended);
        this.#waitRoom.wake();
      },
    });
    this.#roster.add(worker);
    this.#batch.add(id);
    worker.start();
    const snapshot = worker.snapshot();
    return {
      worker_id: id,
      session_id: snapshot.session_id,
      status: snapshot.state,
      model: snapshot.plan.settings.model,
      conversation_history_file_path: this.transcriptPath(id),
      notices: snapshot.plan.notices,
    };
  }

  #answer(answer: PermissionAnswer) {
    return this.#deps.gate.resolve(answer, 'host');
  }

  /** A request that an earlier process asked and that nobody answered: its worker goes on here with the answer. */
  async #answerRevived(answer: PermissionAnswer, error: unknown): Promise<Answered> {
    const asked = isNotFound(error) ? await findAsker(this.#deps.store, answer.request_id) : undefined;
    if (asked === undefined) throw error;
    return this.#startingOne(async () => {
      const { log, record } = await this.#take(asked.worker_id);
      this.#deps.gate.restore(asked, (resolution) => record(resolvedEvent(asked, resolution)));
      try {
        return await this.#answer(answer);
      } finally {
        this.#launch(log);
      }
    });
  }

  /** Accepts a session_id, and a unique prefix. */
  #workerId(id: string): string {
    return this.#roster.find(id) ?? this.#deps.store.find(id);
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AworkersError && error.code === 'not_found';
}
