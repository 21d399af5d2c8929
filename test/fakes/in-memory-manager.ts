// A WorkerManager without models, tools or disk: workers end, fail and ask when the test says so.
// Only for what the real manager cannot be made to do on demand (hundreds of workers, a broken promise of its own).
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { AworkersError } from '../../src/contract/errors.ts';
import type { EventBody, WorkerEvent } from '../../src/contract/event.ts';
import type {
  ListFilter,
  PermissionAnswer,
  PermissionAnswered,
  ResumeRequest,
  Spawned,
  WaitQuery,
  WorkerListener,
  WorkerManager,
} from '../../src/contract/manager.ts';
import type { Notice } from '../../src/contract/options.ts';
import type { PermissionRequest } from '../../src/contract/permission.ts';
import type { Task, WorkerPlan } from '../../src/contract/task.ts';
import { noUsage } from '../../src/contract/usage.ts';
import {
  type CompletedEntry,
  isEnded,
  type PendingEntry,
  type WaitResult,
  type WorkerSnapshot,
  type WorkerState,
  type WorkerSummary,
} from '../../src/contract/worker.ts';

type Worker = {
  readonly task: Task;
  state: WorkerState;
  result: string;
  error: { type: string; hint: string };
  pending: PermissionRequest[];
};

const owner = { pid: 1, instance: 'test' };
const plan: WorkerPlan = {
  agent_type: 'general-purpose',
  agent: { scope: 'builtin', disallowed: [] },
  system: '',
  context: [],
  tools: [],
  settings: { model: 'claude-test', api_version: '2023-06-01', betas: [], max_tokens: 1, max_tokens_cap: 1, body: {} },
  options: {},
  cwd: '/',
  notices: [],
};

export class InMemoryManager implements WorkerManager {
  readonly logsDir: string;
  readonly workers = new Map<string, Worker>();
  readonly manifests: (readonly CompletedEntry[])[] = [];
  readonly closedFor: string[] = [];
  /** What spawn and resume will report. */
  notices: readonly Notice[] = [];
  #answered = new Map<string, string>();
  #changes = new EventEmitter();
  #listeners = new Set<WorkerListener>();
  #seq = 0;

  constructor(logsDir = '/logs') {
    this.logsDir = logsDir;
    this.#changes.setMaxListeners(0);
  }

  spawn(task: Task): Promise<Spawned> {
    const id = randomUUID();
    this.workers.set(id, { task, state: 'running', result: '', error: { type: '', hint: '' }, pending: [] });
    this.emit(id, {
      type: 'worker.spawned',
      worker_id: id,
      session_id: `session-${id}`,
      description: task.description,
      prompt: task.prompt,
      plan,
      owner,
    });
    return Promise.resolve(this.#spawned(id));
  }

  async wait(query: WaitQuery, signal?: AbortSignal): Promise<WaitResult> {
    if (this.workers.size === 0) throw new AworkersError('usage', 'No worker was spawned.', 'Call spawn_worker first.');
    const ids = query.worker_ids ?? [...this.workers.keys()];
    for (const id of ids) this.#get(id);
    const limit = query.timeout_seconds === undefined ? undefined : AbortSignal.timeout(query.timeout_seconds * 1000);
    for (;;) {
      const result = this.#collect(ids, query.include_results === true);
      const ended = result.completed.length + result.failed.length;
      if (result.running.length === 0 || result.pending_permissions.length > 0) return result;
      if (limit?.aborted === true || (query.mode === 'any' && ended > 0)) return result;
      await new Promise<void>((resolve, reject) => {
        const on = AbortSignal.any([signal, limit].filter((one) => one !== undefined));
        this.#changes.once('change', resolve);
        on.addEventListener('abort', () => (on.reason === signal?.reason ? reject(signal?.reason) : resolve()), {
          once: true,
        });
      });
    }
  }

  resume({ worker_id }: ResumeRequest): Promise<Spawned> {
    const worker = this.#get(worker_id);
    if (!isEnded(worker.state)) {
      throw new AworkersError('conflict', `Worker ${worker_id} is ${worker.state}.`, 'Wait for it first.');
    }
    worker.state = 'running';
    return Promise.resolve(this.#spawned(worker_id));
  }

  approve({ request_id, allow }: PermissionAnswer): Promise<PermissionAnswered> {
    const before = this.#answered.get(request_id);
    if (before !== undefined) throw new AworkersError('conflict', `Request ${request_id} was ${before}.`, 'Call wait.');
    for (const [worker_id, worker] of this.workers) {
      const request = worker.pending.find((one) => one.request_id === request_id);
      if (request === undefined) continue;
      const status = allow ? 'approved' : 'denied';
      this.#answered.set(request_id, status);
      worker.pending = worker.pending.filter((one) => one !== request);
      worker.state = 'running';
      this.emit(worker_id, {
        type: 'permission.resolved',
        request_id,
        tool_use_id: request.tool_use_id,
        tool: request.tool,
        input: request.input,
        resolution: { allow, scope: 'once', decided_by: 'host' },
      });
      return Promise.resolve({ status, request_id, worker_id, tool: request.tool });
    }
    throw new AworkersError('not_found', `No permission request ${request_id}.`, 'wait lists those that are pending.');
  }

  stop(workerId: string): Promise<WorkerSummary> {
    const worker = this.#get(workerId);
    if (!isEnded(worker.state)) worker.state = 'stopped';
    this.emit(workerId, { type: 'worker.stopped', reason: 'asked to' });
    return Promise.resolve(this.#summary(workerId, worker));
  }

  list(filter: ListFilter = {}): Promise<readonly WorkerSummary[]> {
    const all = [...this.workers].map(([id, worker]) => this.#summary(id, worker)).toReversed();
    return Promise.resolve(all.filter((one) => filter.status === undefined || one.status === filter.status));
  }

  read(workerId: string): Promise<WorkerSnapshot> {
    const worker = this.#get(workerId);
    return Promise.resolve({
      worker_id: workerId,
      session_id: `session-${workerId}`,
      description: worker.task.description,
      plan,
      state: worker.state,
      history: { messages: [], open: [] },
      result: worker.result,
      usage: noUsage,
      total_cost_usd: 0.01,
      num_turns: 1,
      permission_denials: [],
      pending: worker.pending,
      remembered_rules: [],
      started_at: '2026-01-01T00:00:00.000Z',
      ended_at: null,
      duration_ms: 1000,
      last_activity_at: '2026-01-01T00:00:00.000Z',
      last_seq: 1,
      owner,
    });
  }

  transcriptPath(workerId: string): string {
    return `${this.logsDir}/worker-${workerId}.json`;
  }

  journalPath(workerId: string): string {
    return `${this.logsDir}/worker-${workerId}.jsonl`;
  }

  progress(): string {
    const done = [...this.workers.values()].filter((worker) => isEnded(worker.state)).length;
    return `${done}/${this.workers.size} done`;
  }

  writeManifest(entries: readonly CompletedEntry[]): Promise<string> {
    this.manifests.push(entries);
    return Promise.resolve(`${this.logsDir}/manifest-${this.manifests.length}.json`);
  }

  subscribe(listener: WorkerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(reason: string): Promise<void> {
    this.closedFor.push(reason);
    return Promise.resolve();
  }

  // ---- what the test makes happen ----

  complete(id: string, result = 'done'): void {
    Object.assign(this.#get(id), { state: 'completed', result });
    this.emit(id, { type: 'worker.completed', result });
  }

  fail(id: string, type: string, hint: string): void {
    Object.assign(this.#get(id), { state: 'failed', error: { type, hint } });
    this.emit(id, { type: 'worker.failed', error_type: type, error_hint: hint, result: '' });
  }

  ask(id: string, request: Partial<PermissionRequest> = {}): string {
    const worker = this.#get(id);
    const full: PermissionRequest = {
      request_id: randomUUID(),
      worker_id: id,
      description: worker.task.description,
      tool: 'Bash',
      tool_use_id: 'toolu_1',
      input: { command: 'touch x' },
      reason: 'No rule allows it.',
      ...request,
    };
    worker.pending.push(full);
    worker.state = 'awaiting_permission';
    this.emit(id, { type: 'permission.requested', request: full });
    return full.request_id;
  }

  emit(id: string, body: EventBody): void {
    const event = { ...body, v: 1, seq: (this.#seq += 1), at: '2026-01-01T00:00:00.000Z' } as WorkerEvent;
    for (const listener of this.#listeners) listener(event, id);
    this.#changes.emit('change');
  }

  #get(id: string): Worker {
    const worker = this.workers.get(id);
    if (worker === undefined) throw new AworkersError('not_found', `No worker ${id}.`, 'list_workers shows them.');
    return worker;
  }

  #spawned(id: string): Spawned {
    return {
      worker_id: id,
      session_id: `session-${id}`,
      status: this.#get(id).state,
      model: 'claude-test',
      conversation_history_file_path: this.transcriptPath(id),
      notices: this.notices,
    };
  }

  #summary(worker_id: string, { task, state }: Worker): WorkerSummary {
    return {
      worker_id,
      description: task.description,
      status: state,
      model: 'claude-test',
      num_turns: 1,
      total_cost_usd: 0.01,
      seconds: 1,
      last_activity_at: '2026-01-01T00:00:00.000Z',
    };
  }

  #collect(ids: readonly string[], results: boolean): WaitResult {
    const all = ids.map((id) => [id, this.#get(id)] as const);
    const entry = ([id, worker]: readonly [string, Worker]): CompletedEntry => ({
      worker_id: id,
      session_id: `session-${id}`,
      description: worker.task.description,
      conversation_history_file_path: this.transcriptPath(id),
      result_preview: worker.result.slice(0, 200),
      ...(results ? { result: worker.result } : {}),
      model: 'claude-test',
      num_turns: 1,
      total_cost_usd: 0.01,
      duration_ms: 1000,
      permission_denials: 0,
    });
    return {
      completed: all.filter(([, worker]) => worker.state === 'completed').map(entry),
      failed: all
        .filter(([, worker]) => isEnded(worker.state) && worker.state !== 'completed')
        .map((one) => ({ ...entry(one), error_type: one[1].error.type, error_hint: one[1].error.hint })),
      pending_permissions: all.flatMap(([, worker]) => worker.pending.map(asPending)),
      running: all
        .filter(([, worker]) => worker.state === 'running' || worker.state === 'queued')
        .map(([worker_id, { task, state }]) => ({
          worker_id,
          description: task.description,
          status: state,
          num_turns: 1,
        })),
    };
  }
}

function asPending(request: PermissionRequest): PendingEntry {
  const { request_id, worker_id, description, tool, input, reason, suggested_rule } = request;
  return { request_id, worker_id, description, tool, input, reason, suggested_rule: suggested_rule ?? null };
}
