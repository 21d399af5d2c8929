// Owns: the sums that the overview shows.
// Promises: one pass over the workers; an unknown cost is counted apart, never as zero.
// Never: decides how it looks.
import { addUsage, noUsage, promptTokens, type Usage } from '../contract/usage.ts';
import { isEnded } from '../contract/worker.ts';
import { median, sum } from './format.ts';
import type { ReportWorker } from './input.ts';

/** What a worker comes to, for colours, chips and sorting. A failed check fails its worker. */
export type Outcome = 'completed' | 'failed' | 'stopped' | 'open';
export const outcomes: readonly Outcome[] = ['completed', 'failed', 'stopped', 'open'];

export function outcomeOf(worker: ReportWorker): Outcome {
  if (!isEnded(worker.status)) return 'open';
  if (worker.status === 'stopped') return 'stopped';
  const checked = worker.checks?.every((check) => check.passed) ?? true;
  return worker.status === 'completed' && checked ? 'completed' : 'failed';
}

/** What it waited for a slot. */
export function queuedMs(worker: ReportWorker): number {
  return sum(worker.spans, (span) => (span.kind === 'queued' ? span.to - span.from : 0));
}

export type Totals = {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly known_cost_usd: number;
  readonly unknown_costs: number;
  readonly usage: Usage;
  readonly prompt_tokens: number;
  readonly turns: number;
  readonly denials: number;
  readonly retries: number;
  readonly work_ms: number;
  readonly median_ms: number;
  /** From the first start to the last end; null with nothing to measure. */
  readonly clock: { readonly from: number; readonly to: number } | null;
  /** The workers ran side by side in one sitting: one clock serves them all. */
  readonly together: boolean;
};

export function totalsOf(workers: readonly ReportWorker[]): Totals {
  const usage = workers.reduce<Usage>((total, worker) => addUsage(total, worker.usage), noUsage);
  const durations = workers.map((worker) => worker.duration_ms);
  const clock = clockOf(workers);
  const longest = durations.reduce((most, each) => Math.max(most, each), 0);
  const work = sum(durations, (each) => each);
  return {
    outcomes: countOutcomes(workers),
    known_cost_usd: sum(withoutChildren(workers), (worker) => worker.total_cost_usd ?? 0),
    unknown_costs: workers.filter((worker) => worker.total_cost_usd === null).length,
    usage,
    prompt_tokens: promptTokens(usage),
    turns: sum(workers, (worker) => worker.num_turns),
    denials: sum(workers, (worker) => worker.denials),
    retries: sum(workers, (worker) => worker.retries),
    work_ms: work,
    median_ms: median(durations),
    clock,
    together: clock !== null && clock.to - clock.from <= Math.max(4 * longest, work * 1.2),
  };
}

function countOutcomes(workers: readonly ReportWorker[]): Record<Outcome, number> {
  const counts = { completed: 0, failed: 0, stopped: 0, open: 0 };
  for (const worker of workers) counts[outcomeOf(worker)] += 1;
  return counts;
}

function clockOf(workers: readonly ReportWorker[]): Totals['clock'] {
  let from = Infinity;
  let to = -Infinity;
  for (const worker of workers) {
    from = Math.min(from, Date.parse(worker.started_at));
    to = Math.max(to, worker.ended_at === null ? lastSpan(worker) : Date.parse(worker.ended_at));
  }
  return to > from ? { from, to } : null;
}

function lastSpan(worker: ReportWorker): number {
  return worker.spans.reduce((last, span) => Math.max(last, span.to), Date.parse(worker.started_at));
}

/** The cost of a child is part of its parent's. */
function withoutChildren(workers: readonly ReportWorker[]): readonly ReportWorker[] {
  const ids = new Set(workers.map((worker) => worker.worker_id));
  return workers.filter(({ parent_id }) => parent_id === undefined || !ids.has(parent_id));
}
