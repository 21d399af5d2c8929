// Owns: one line about a worker, as list_workers and stop_worker return it.
// Promises: short, whatever the caller called the worker.
// Never: shows content of the conversation.
import { z } from 'zod';
import { once } from '../../contract/once.ts';
import { clip } from '../../contract/text.ts';
import { type WorkerSummary, workerStates } from '../../contract/worker.ts';
import { cutText } from '../json-size.ts';

export const summarySchema = once(() =>
  z.object({
    worker_id: z.string(),
    description: z.string(),
    status: z.enum(workerStates),
    model: z.string(),
    num_turns: z.int(),
    total_cost_usd: z.number().nullable().describe('null: the price of the model is not known.'),
    seconds: z.number(),
    last_activity_at: z.string(),
    parent_id: z.string().optional().describe('Of a worker that another worker spawned.'),
    todo: z.string().optional().describe('Where its own list of steps stands.'),
  }),
);

export function boundSummary(summary: WorkerSummary): WorkerSummary {
  return { ...summary, description: cutText(clip(summary.description, 80), 200), model: cutText(summary.model, 100) };
}
