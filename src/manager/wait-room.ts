// Owns: the waits that are open, and waking them.
// Promises: returns as soon as wait.ts says so; a cancelled wait leaves the workers alone; questions that come within
// a few milliseconds of each other are reported together.
// Never: wakes for a worker that was not asked about; polls workers of this process. Workers of another live process are looked at once a second.
import type { WaitQuery } from '../contract/manager.ts';
import type { Clock } from '../contract/ports.ts';
import type { WaitResult } from '../contract/worker.ts';
import type { Store } from '../journal/store.ts';
import { withResult } from './entries.ts';
import { type Roster, viewOf } from './roster.ts';
import { asks, isOver, mayBeOver, waitResult, type WaitMode, type WorkerView } from './wait.ts';

/** Milliseconds that a first question waits for others of the same moment. */
const gather = 20;
const foreignInterval = 1_000;

type OpenWait = {
  /** Absent: whatever the batch holds at that time. */
  readonly named?: ReadonlySet<string>;
  /** Who ended or asked since the last look. */
  readonly changed: Set<string>;
  /** Of those that the last whole look found running, who has not ended: while there is one, a wait for all goes on. */
  live: Set<string>;
  woken: PromiseWithResolvers<void>;
};

export class WaitRoom {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #roster: Roster;
  readonly #open = new Set<OpenWait>();

  constructor(store: Store, clock: Clock, roster: Roster) {
    this.#store = store;
    this.#clock = clock;
    this.#roster = roster;
  }

  /** A worker ended, or asks for a permission. */
  wake(workerId: string): void {
    for (const wait of this.#open) {
      if (wait.named?.has(workerId) === false) continue;
      wait.changed.add(workerId);
      wait.woken.resolve();
    }
  }

  /** Without `named` the `batch` is asked again after each wake: it may grow while it is waited for. */
  async wait(
    named: readonly string[] | undefined,
    batch: () => readonly string[],
    query: WaitQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly result: WaitResult; readonly workerIds: readonly string[] }> {
    const ids = () => named ?? batch();
    const mode = query.mode ?? 'all';
    const settled = new Map<string, WorkerView>(); // ended workers of earlier processes: read once
    const wait: OpenWait = {
      ...(named === undefined ? {} : { named: new Set(named) }),
      changed: new Set(),
      live: new Set(),
      woken: Promise.withResolvers<void>(),
    };
    const done = new AbortController();
    const stop = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    const wakeThis = () => {
      wait.live.clear();
      wait.woken.resolve();
    };
    stop.addEventListener('abort', wakeThis, { once: true });
    let late = false;
    if (query.timeout_seconds !== undefined) {
      this.#after(query.timeout_seconds * 1_000, stop, () => {
        late = true;
        wakeThis();
      });
    }
    this.#open.add(wait);
    try {
      for (;;) {
        signal?.throwIfAborted();
        wait.woken = Promise.withResolvers<void>(); // before the look, so that no wake is missed
        if (late || (!this.#goesOn(wait, mode) && this.#mayBeOver(wait, ids(), settled, mode))) {
          const workerIds = ids();
          const views = await this.#views(workerIds, settled);
          if (asks(views)) await this.#clock.sleep(gather, stop);
          const final = asks(views) ? await this.#views(ids(), settled) : views; // somebody may have answered meanwhile
          if (isOver(final, mode) || late) {
            return { result: waitResult(await this.#complete(final, query)), workerIds };
          }
          const foreign = workerIds.some((id) => this.#roster.glance(id) === undefined && !settled.has(id));
          if (foreign) this.#after(foreignInterval, stop, wakeThis);
        }
        await wait.woken.promise;
      }
    } finally {
      this.#open.delete(wait);
      done.abort(new Error('the wait is over'));
    }
  }

  /** Known from those that changed alone, so that a thousand ends do not look at a thousand workers each. */
  #goesOn({ changed, live }: OpenWait, mode: WaitMode): boolean {
    const glances = [...changed].map((id) => [id, this.#roster.glance(id)] as const);
    changed.clear();
    for (const [id, glance] of glances) if (glance !== 'live') live.delete(id);
    return live.size > 0 && glances.every(([, glance]) => glance === 'live' || (glance === 'ended' && mode === 'all'));
  }

  #mayBeOver(wait: OpenWait, ids: readonly string[], settled: ReadonlyMap<string, WorkerView>, mode: WaitMode) {
    const glances = ids.map((id) => this.#roster.glance(id) ?? (settled.has(id) ? 'ended' : undefined));
    wait.live = new Set(ids.filter((_, index) => glances[index] === 'live'));
    return mayBeOver(glances, mode);
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

  #after(ms: number, stop: AbortSignal, act: () => void): void {
    this.#clock.sleep(ms, stop).then(act, () => undefined); // rejects when the wait was over first
  }
}
