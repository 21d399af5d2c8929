// Owns: a line of a results file: how one task of a batch ended. The shape of `claude -p --output-format json`, with ours beside it.
// Promises: plain data; whoever reports on a batch needs nothing else.
// Never: says how it was run.
import { z } from 'zod';
import { once, type Read } from './once.ts';
import { noticeSchema, workerOptionsSchema } from './options.ts';
import { usageSchema } from './usage.ts';

const checkResultSchema = once(() =>
  z.object({
    /** Given by the task, else made of the check: "file_exists out.txt". */
    name: z.string(),
    passed: z.boolean(),
    /** Why it failed; '' when it passed. */
    detail: z.string(),
  }),
);
export type CheckResult = Read<typeof checkResultSchema>;

/** Every key of a sweep with its value as it was typed, in the order of the command. */
const combinationSchema = once(() => z.record(z.string(), z.string()));

/** Loose: a line of a later version is still a line. */
export const taskResultSchema = once(() =>
  z.looseObject({
    /** Of the task, its combination and its repeat: unique in the batch. */
    id: z.string(),
    /** Of the task as it stands in the file: the same for all combinations and repeats. */
    task: z.string(),
    /** What was asked, as a hash: a line with another hash is of an earlier version of the task. */
    hash: z.string(),
    status: z.enum(['completed', 'failed']),
    result: z.string(),
    structured_output: z.unknown().optional(),
    error_type: z.string().optional(),
    error_hint: z.string().optional(),
    description: z.string(),
    combination: combinationSchema(),
    repeat: z.number(),
    model: z.string(),
    agent_type: z.string(),
    options: workerOptionsSchema().loose(),
    notices: z.array(noticeSchema()),
    usage: usageSchema(),
    /** null: unknown. */
    total_cost_usd: z.number().nullable(),
    num_turns: z.number(),
    duration_ms: z.number(),
    permission_denials: z.array(z.looseObject({ tool_name: z.string() })),
    /** Of these denials, those that nobody was there to prevent. */
    unapproved: z.number(),
    checks: z.array(checkResultSchema()),
    worker_id: z.string(),
    session_id: z.string(),
    ended_at: z.string(),
    /** Absolute path of the log. */
    conversation_history_file_path: z.string(),
  }),
);
export type TaskResult = Read<typeof taskResultSchema>;
