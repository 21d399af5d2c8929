// Owns: the workers of this process: the live ones, and how each ended one is reported.
// Promises: the history of an ended worker is let go; what wait and list need of it stays.
// Never: reads a journal: workers of earlier processes are the store's.
import type { WorkerSnapshot, WorkerSummary } from '../contract/worker.ts';
import { type EndedEntry, endedEntry, pendingEntry, runningEntry, summaryOf } from './entries.ts';
import type { LiveWorker } from './live-worker.ts';
import type { Glance, WorkerView } from './wait.ts';

type Ended = { readonly ended: EndedEntry; readonly summary: WorkerSummary; readonly session_id: string };

export class Roster {
  readonly #live = new Map<string, LiveWorker>();
  /** The live ones, by the id of their parent. */
  readonly #children = new Map<string, Set<LiveWorker>>();
  readonly #ended = new Map<string, Ended>();
  readonly #pathOf: (workerId: string) => string;

  constructor(pathOf: (workerId: string) => string) {
    this.#pathOf = pathOf;
  }

  get live(): readonly LiveWorker[] {
    return [...this.#live.values()];
  }

  add(worker: LiveWorker): void {
    this.#ended.delete(worker.id);
    this.#live.set(worker.id, worker);
    const { parentId } = worker;
    if (parentId !== undefined) this.#children.set(parentId, (this.#children.get(parentId) ?? new Set()).add(worker));
  }

  settle(worker: LiveWorker): void {
    const snapshot = worker.snapshot();
    this.#live.delete(worker.id);
    const siblings = this.#children.get(worker.parentId ?? '');
    siblings?.delete(worker);
    if (siblings?.size === 0) this.#children.delete(worker.parentId ?? '');
    if (snapshot.state === 'awaiting_permission') return; // shut down while it waited: its journal goes on waiting
    this.#ended.set(worker.id, {
      ended: endedEntry(snapshot, this.#pathOf(worker.id)),
      summary: summaryOf(snapshot),
      session_id: snapshot.session_id,
    });
  }

  liveWorker(workerId: string): LiveWorker | undefined {
    return this.#live.get(workerId);
  }

  /** The live worker and those it works for: what it asks, they ask. */
  lineOf(workerId: string): readonly string[] {
    const parentId = this.#live.get(workerId)?.parentId;
    return parentId === undefined ? [workerId] : [workerId, ...this.lineOf(parentId)];
  }

  summaries(): readonly WorkerSummary[] {
    return [...this.live.map((worker) => summaryOf(worker.snapshot())), ...this.#endedSummaries()];
  }

  summary(workerId: string): WorkerSummary | undefined {
    const worker = this.#live.get(workerId);
    return worker === undefined ? this.#ended.get(workerId)?.summary : summaryOf(worker.snapshot());
  }

  /** The worker_id for a worker_id or session_id of this process. */
  find(id: string): string | undefined {
    if (this.#live.has(id) || this.#ended.has(id)) return id;
    const live = this.live.find((worker) => worker.snapshot().session_id === id);
    return live?.id ?? [...this.#ended].find(([, ended]) => ended.session_id === id)?.[0];
  }

  view(workerId: string): WorkerView | undefined {
    const worker = this.#live.get(workerId);
    if (worker !== undefined)
      return this.#withChildren(viewOf(worker.snapshot(), this.#pathOf(workerId), true), worker);
    const ended = this.#ended.get(workerId);
    return ended === undefined ? undefined : { state: 'ended', ended: ended.ended };
  }

  glance(workerId: string): Glance | undefined {
    const worker = this.#live.get(workerId);
    if (worker !== undefined) return this.#asks(worker) ? 'asking' : 'live';
    return this.#ended.has(workerId) ? 'ended' : undefined;
  }

  #asks(worker: LiveWorker): boolean {
    return worker.snapshot().pending.length > 0 || this.#childrenOf(worker.id).some((child) => this.#asks(child));
  }

  #childrenOf(parentId: string): readonly LiveWorker[] {
    return [...(this.#children.get(parentId) ?? [])];
  }

  /** What its children ask is shown with it, under its own description and their ids. */
  #withChildren(view: WorkerView, { id }: LiveWorker): WorkerView {
    if (view.state === 'ended' || !this.#children.has(id)) return view;
    const { description } = view.running;
    const asked = this.#childrenOf(id).flatMap((child) => {
      const theirs = this.view(child.id);
      return theirs?.state === 'live' ? theirs.pending : [];
    });
    return { ...view, pending: [...view.pending, ...asked.map((entry) => ({ ...entry, description }))] };
  }

  #endedSummaries(): readonly WorkerSummary[] {
    return [...this.#ended.values()].map((ended) => ended.summary);
  }
}

/** `live`: its end is not reported before its transcript is written and its owner has let it go. */
export function viewOf(snapshot: WorkerSnapshot, path: string, live: boolean): WorkerView {
  const running =
    snapshot.state === 'queued' || snapshot.state === 'running' || snapshot.state === 'awaiting_permission';
  if (!running && !live) return { state: 'ended', ended: endedEntry(snapshot, path) };
  return { state: 'live', running: runningEntry(snapshot), pending: snapshot.pending.map(pendingEntry) };
}
