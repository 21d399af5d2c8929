// Owns: what list says of one worker, small enough to keep when its history is not.
// Promises: tied to the size of the journal it was made from: journals only grow, so an equal size is the same journal.
// Never: holds a message.
import { z } from 'zod';
import { todoLine } from '../contract/delegate.ts';
import { once, type Read } from '../contract/once.ts';
import { type WorkerSnapshot, type WorkerSummary, isEnded, workerStates } from '../contract/worker.ts';
import { asSeen } from './seen.ts';

export const summarySchema = once(() =>
  z.object({
    worker_id: z.string(),
    session_id: z.string(),
    description: z.string(),
    model: z.string(),
    num_turns: z.number(),
    total_cost_usd: z.number().nullable(),
    duration_ms: z.number(),
    started_at: z.string(),
    last_activity_at: z.string(),
    parent_id: z.string().optional(),
    todo: z.string().optional(),
    /** By its events alone, and once its owner is dead. */
    state: z.enum(workerStates),
    orphaned: z.enum(workerStates),
    owner: z.object({ pid: z.number(), instance: z.string() }),
    /** Of the journal: its last event, and the size of the file. */
    seq: z.number(),
    size: z.number(),
    /** The transcript was written from these same events. */
    transcript: z.boolean(),
  }),
);

export type Summary = Read<typeof summarySchema>;

export function summaryOf(snapshot: WorkerSnapshot, size: number, transcript: boolean): Summary {
  const { worker_id, session_id, description, num_turns, total_cost_usd, duration_ms, started_at, owner } = snapshot;
  return {
    worker_id,
    session_id,
    description,
    model: snapshot.plan.settings.model,
    num_turns,
    total_cost_usd,
    duration_ms,
    started_at,
    last_activity_at: snapshot.last_activity_at,
    ...(snapshot.plan.parent === undefined ? {} : { parent_id: snapshot.plan.parent.worker_id }),
    ...(snapshot.todos === undefined ? {} : { todo: todoLine(snapshot.todos) }),
    state: snapshot.state,
    orphaned: asSeen(snapshot, false).state,
    owner,
    seq: snapshot.last_seq,
    size,
    transcript,
  };
}

export function lineOf(summary: Summary, ownerAlive: boolean): WorkerSummary {
  return {
    worker_id: summary.worker_id,
    description: summary.description,
    status: ownerAlive || isEnded(summary.state) ? summary.state : summary.orphaned,
    model: summary.model,
    num_turns: summary.num_turns,
    total_cost_usd: summary.total_cost_usd,
    seconds: Math.floor(summary.duration_ms / 1000),
    last_activity_at: summary.last_activity_at,
    ...(summary.parent_id === undefined ? {} : { parent_id: summary.parent_id }),
    ...(summary.todo === undefined ? {} : { todo: summary.todo }),
  };
}
