// Owns: the waits that are open, and waking them.
// Promises: returns as soon as wait.ts says so; a cancelled wait leaves the workers alone; questions that come within
// a few milliseconds of each other are reported together.
// Never: polls workers of this process. Workers of another live process are looked at once a second.
import type { WaitQuery } from '../contract/manager.ts';
import type { Clock } from '../contract/ports.ts';
import type { WaitResult } from '../contract/worker.ts';
import type { Store } from '../journal/store.ts';
import { withResult } from './entries.ts';
import { type Roster, viewOf } from './roster.ts';
import { asks, isOver, waitResult, type WorkerView } from './wait.ts';

/** Milliseconds that a first question waits for others of the same moment. */
const gather = 20;
const foreignInterval = 1_000;

export class WaitRoom {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #roster: Roster;
  #change = Promise.withResolvers<void>();

  constructor(store: Store, clock: Clock, roster: Roster) {
    this.#store = store;
    this.#clock = clock;
    this.#roster = roster;
  }

  /** A worker ended, or asks for a permission. */
  wake(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers<void>();
    resolve();
  }

  /** `ids` is asked again after each wake: a batch may grow while it is waited for. */
  async wait(
    ids: () => readonly string[],
    query: WaitQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly result: WaitResult; readonly workerIds: readonly string[] }> {
    const done = new AbortController();
    const stop = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    const cancelled = aborted(stop);
    cancelled.catch(() => undefined); // also when the wait is over
    const settled = new Map<string, WorkerView>(); // ended workers of earlier processes: read once
    const deadline = query.timeout_seconds === undefined ? undefined : this.#expiry(query.timeout_seconds, stop);
    try {
      for (;;) {
        signal?.throwIfAborted();
        const change = this.#change.promise; // taken before the look, so that no wake is missed
        const workerIds = ids();
        const views = await this.#views(workerIds, settled);
        if (asks(views)) await this.#clock.sleep(gather, stop);
        const final = asks(views) ? await this.#views(ids(), settled) : views; // somebody may have answered meanwhile
        if (isOver(final, query.mode ?? 'all') || deadline?.passed === true) {
          return { result: waitResult(await this.#complete(final, query)), workerIds };
        }
        const foreign = workerIds.some((id) => this.#roster.view(id) === undefined && !settled.has(id));
        await Promise.race([
          change,
          cancelled,
          ...(deadline === undefined ? [] : [deadline.promise]),
          ...(foreign ? [this.#clock.sleep(foreignInterval, stop)] : []),
        ]);
      }
    } finally {
      done.abort(new Error('the wait is over'));
    }
  }

  #views(ids: readonly string[], settled: Map<string, WorkerView>): Promise<readonly WorkerView[]> {
    return Promise.all(ids.map((id) => this.#view(id, settled)));
  }

  async #view(id: string, settled: Map<string, WorkerView>): Promise<WorkerView> {
    const known = this.#roster.view(id) ?? settled.get(id);
    if (known !== undefined) return known;
    const view = viewOf(await this.#store.read(id), this.#store.paths(id).transcript, false);
    if (view.state === 'ended') settled.set(id, view);
    return view;
  }

  async #complete(views: readonly WorkerView[], query: WaitQuery): Promise<readonly WorkerView[]> {
    if (query.include_results !== true) return views;
    return Promise.all(
      views.map(async (view) => {
        if (view.state !== 'ended') return view;
        const snapshot = await this.#store.read(view.ended.entry.worker_id);
        return { state: 'ended' as const, ended: withResult(view.ended, snapshot) };
      }),
    );
  }

  #expiry(seconds: number, stop: AbortSignal): { passed: boolean; readonly promise: Promise<void> } {
    const expiry = { passed: false, promise: Promise.resolve() };
    expiry.promise = this.#clock.sleep(seconds * 1_000, stop).then(
      () => {
        expiry.passed = true;
      },
      () => undefined, // the wait was over first
    );
    return expiry;
  }
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
