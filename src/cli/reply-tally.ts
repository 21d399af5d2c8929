// Owns: what a result tells of a worker beside its snapshot: the sum of its replies by model, and the denials that nobody was
// there to prevent, counted event by event.
// Promises: small, however long the conversation; `seen` says how many events are in it.
// Never: reads a file.
import type { WorkerEvent } from '../contract/event.ts';
import { addUsage, noUsage, type Usage } from '../contract/usage.ts';

type ModelSum = { readonly usage: Usage; readonly cost_usd: number | null };

export type ReplyTally = {
  seen: number;
  apiMs: number;
  stopReason: string | null;
  unapproved: number;
  /** In the order of their first replies. */
  readonly models: Map<string, ModelSum>;
};

export function emptyTally(): ReplyTally {
  return { seen: 0, apiMs: 0, stopReason: null, unapproved: 0, models: new Map() };
}

export function addToTally(tally: ReplyTally, event: WorkerEvent): void {
  tally.seen += 1;
  if (event.type === 'permission.resolved') {
    const { allow, decided_by } = event.resolution;
    if (!allow && decided_by === 'nobody') tally.unapproved += 1;
  }
  if (event.type !== 'model.replied') return;
  tally.apiMs += event.duration_ms;
  tally.stopReason = event.stop_reason;
  const { usage, cost_usd } = tally.models.get(event.model) ?? { usage: noUsage, cost_usd: 0 };
  tally.models.set(event.model, {
    usage: addUsage(usage, event.usage),
    cost_usd: cost_usd === null || event.cost_usd === null ? null : cost_usd + event.cost_usd,
  });
}

export function tallyOf(events: readonly WorkerEvent[]): ReplyTally {
  const tally = emptyTally();
  for (const event of events) addToTally(tally, event);
  return tally;
}
