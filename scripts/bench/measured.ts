// Owns: what one run of one program came to, and the middle of several.
// Promises: a run counts only with exactly the requests that were due and every worker finished; any other is an error that says so.
import type { ApiStats } from './api.ts';
import { type Settings, idealMs } from './settings.ts';

export type Measured = {
  /** Of the whole program, from its start to its end; the MCP server's from the first spawn_worker to wait's answer. */
  readonly wall_ms: number;
  /** Over the model's own time. */
  readonly over_ideal: number;
  readonly cpu_ms_a_reply: number;
  readonly peak_mb: number;
  readonly first_request_ms: number;
  readonly first_request_tokens: number;
  readonly most_at_once: number;
  readonly spawn_p50_ms?: number;
  readonly spawn_p99_ms?: number;
  readonly last_reply_to_answer_ms?: number;
};

export type Ran = {
  readonly startedAt: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly finished: number;
  readonly said?: string;
  readonly spawns?: readonly number[];
  readonly answeredAt?: number;
};

/** An English word or code is about so many characters to a token. */
const charactersAToken = 4;

export function measured(name: string, workers: number, settings: Settings, ran: Ran, stats: ApiStats): Measured {
  const due = workers * (settings.turns + 1);
  if (stats.requests !== due || stats.replies !== due || ran.finished !== workers) {
    const told = `${stats.requests} requests, ${stats.replies} replies, ${ran.finished} workers finished`;
    throw new Error(`${name} at N = ${workers} does not count: ${told}; due were ${due}. ${ran.said ?? ''}`);
  }
  const { spawns, answeredAt } = ran;
  return {
    wall_ms: ran.wallMs,
    over_ideal: ran.wallMs / idealMs(settings),
    cpu_ms_a_reply: ran.cpuMs / due,
    peak_mb: ran.peakMb,
    first_request_ms: stats.first_request_at - ran.startedAt,
    first_request_tokens: stats.first_request_characters / charactersAToken,
    most_at_once: stats.most_at_once,
    ...(spawns === undefined ? {} : { spawn_p50_ms: quantile(spawns, 0.5), spawn_p99_ms: quantile(spawns, 0.99) }),
    ...(answeredAt === undefined ? {} : { last_reply_to_answer_ms: answeredAt - stats.last_reply_at }),
  };
}

export function medians(runs: readonly Measured[]): Measured {
  const names = Object.keys(runs[0] ?? {}) as (keyof Measured)[];
  const middle = names.map((name) => [
    name,
    quantile(
      runs.map((run) => run[name] ?? Number.NaN),
      0.5,
    ),
  ]);
  return Object.fromEntries(middle) as Measured;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
