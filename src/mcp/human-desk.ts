// Owns: permission requests that are with the client's human, one question at a time, in the order they were asked.
// Promises: while a human may still answer, `wait` does not show the request to the model; unanswered, it does. An answer
// given elsewhere, or a worker that stops, withdraws the question.
// Never: loses a request: whatever fails here leaves it pending in the manager.
import { errorText } from '../contract/errors.ts';
import type { WaitQuery, WorkerManager } from '../contract/manager.ts';
import type { PermissionRequest } from '../contract/permission.ts';
import type { PendingEntry, RunningEntry, WaitResult } from '../contract/worker.ts';
import type { HumanAnswer } from './ask-human.ts';

export type Human = {
  readonly available: () => boolean;
  readonly ask: (request: PermissionRequest, signal: AbortSignal) => Promise<HumanAnswer>;
  readonly log: (line: string) => void;
};

export class HumanDesk {
  readonly #manager: WorkerManager;
  readonly #human: Human;
  readonly #held = new Map<string, AbortController>();
  /** Answered by the human: a result made in that moment may still show them as pending. */
  readonly #answered = new Set<string>();
  readonly #unsubscribe: () => void;
  #queue: Promise<void> = Promise.resolve();
  #changed = Promise.withResolvers<void>();

  constructor(manager: WorkerManager, human: Human) {
    this.#manager = manager;
    this.#human = human;
    this.#unsubscribe = manager.subscribe((event) => {
      if (event.type === 'permission.requested' && human.available()) this.#take(event.request);
      if (event.type === 'permission.resolved' && event.request_id !== null) this.#held.get(event.request_id)?.abort();
    });
  }

  /** manager.wait, but blocking on while all that is pending is with the human. */
  async wait(query: WaitQuery, signal: AbortSignal): Promise<WaitResult> {
    const until = query.timeout_seconds === undefined ? Infinity : Date.now() + query.timeout_seconds * 1000;
    for (;;) {
      const left = Math.max(0.001, (until - Date.now()) / 1000);
      const changed = this.#changed.promise;
      const result = await this.#manager.wait(until === Infinity ? query : { ...query, timeout_seconds: left }, signal);
      const shown = result.pending_permissions.filter((entry) => !this.#isHidden(entry.request_id));
      if (isOver(result, shown.length, query) || Date.now() >= until) return this.#without(result, shown);
      // Otherwise the human answered while the result was made: look again at once.
      if (result.pending_permissions.length > 0) await settled(changed, until - Date.now(), signal);
    }
  }

  close(): void {
    this.#unsubscribe();
    for (const question of this.#held.values()) question.abort();
  }

  #isHidden(requestId: string): boolean {
    return this.#held.has(requestId) || this.#answered.has(requestId);
  }

  #take(request: PermissionRequest): void {
    const question = new AbortController();
    this.#held.set(request.request_id, question);
    this.#queue = this.#queue.then(() => this.#ask(request, question.signal));
  }

  async #ask(request: PermissionRequest, signal: AbortSignal): Promise<void> {
    const { request_id } = request;
    try {
      if (signal.aborted) return;
      const answer = await this.#human.ask(request, signal);
      if (answer.type === 'answered') {
        await this.#manager.approve({ request_id, allow: answer.allow, scope: answer.scope });
        this.#answered.add(request_id);
      } else if (!signal.aborted) {
        this.#human.log(`${request.tool} of worker ${request.worker_id} goes to wait: ${answer.why}`);
      }
    } catch (error) {
      this.#human.log(`${request.tool} of worker ${request.worker_id}: ${errorText(error)}`);
    } finally {
      this.#held.delete(request_id);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  /** Those with the human count as running, awaiting permission. */
  async #without(result: WaitResult, shown: readonly PendingEntry[]): Promise<WaitResult> {
    if (shown.length === result.pending_permissions.length) return result;
    const listed = new Set(result.running.map((entry) => entry.worker_id));
    const hidden = result.pending_permissions.filter((entry) => !shown.includes(entry) && !listed.has(entry.worker_id));
    const waiting = [...new Set(hidden.map((entry) => entry.worker_id))].map(async (id): Promise<RunningEntry> => {
      const { worker_id, description, num_turns } = await this.#manager.read(id);
      return { worker_id, description, status: 'awaiting_permission', num_turns };
    });
    return { ...result, pending_permissions: shown, running: [...result.running, ...(await Promise.all(waiting))] };
  }
}

function isOver(result: WaitResult, shown: number, { mode }: WaitQuery): boolean {
  const ended = result.completed.length + result.failed.length;
  const open = result.running.length + result.pending_permissions.length;
  return shown > 0 || open === 0 || (mode === 'any' && ended > 0);
}

/** Resolves at a change or after `ms`; rejects with the signal's reason. */
async function settled(changed: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const timer = ms === Infinity ? undefined : setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
  try {
    await Promise.race([changed, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
