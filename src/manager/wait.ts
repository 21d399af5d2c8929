// Owns: when a wait is over and what it returns. Pure.
// Promises: over as soon as a worker needs a permission; else when all have ended (mode all) or one has (mode any).
import type { WaitResult } from '../contract/worker.ts';
import type { EndedEntry } from './entries.ts';
import type { PendingEntry, RunningEntry } from '../contract/worker.ts';

/** One worker as a wait sees it. */
export type WorkerView =
  | { readonly state: 'ended'; readonly ended: EndedEntry }
  | { readonly state: 'live'; readonly running: RunningEntry; readonly pending: readonly PendingEntry[] };

/** The part of a view that a wake can afford for every worker. */
export type Glance = 'live' | 'asking' | 'ended';

export type WaitMode = 'all' | 'any';

export function asks(views: readonly WorkerView[]): boolean {
  return views.some((view) => view.state === 'live' && view.pending.length > 0);
}

export function isOver(views: readonly WorkerView[], mode: WaitMode): boolean {
  if (asks(views)) return true;
  const ended = views.filter((view) => view.state === 'ended').length;
  return mode === 'any' ? ended > 0 : ended === views.length;
}

/** False when `isOver` would be false of the views; undefined stands for a worker that must be read to be known. */
export function mayBeOver(glances: Iterable<Glance | undefined>, mode: WaitMode): boolean {
  let live = false;
  for (const glance of glances) {
    if (glance === undefined || glance === 'asking' || (glance === 'ended' && mode === 'any')) return true;
    live ||= glance === 'live';
  }
  return !live;
}

export function waitResult(views: readonly WorkerView[]): WaitResult {
  const ended = views.flatMap((view) => (view.state === 'ended' ? [view.ended] : []));
  const live = views.flatMap((view) => (view.state === 'live' ? [view] : []));
  return {
    completed: ended.flatMap((item) => (item.kind === 'completed' ? [item.entry] : [])),
    failed: ended.flatMap((item) => (item.kind === 'failed' ? [item.entry] : [])),
    pending_permissions: live.flatMap((view) => view.pending),
    running: live.map((view) => view.running),
  };
}
