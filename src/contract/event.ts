// Owns: the event union: every line of a journal, and all that a worker tells the outside.
// Promises: events are plain data, past tense, complete enough that a fold of them is the whole state of a worker.
// Never: deltas of a stream; anything secret.
import { z } from 'zod';
import { once } from './once.ts';
import { permissionRequestSchema, resolutionSchema } from './permission.ts';
import { workerPlanSchema } from './task.ts';
import { usageSchema } from './usage.ts';
import { worktreeSettledSchema } from './worktree.ts';

export const journalVersion = 1;

const bodies = once(() => {
  const block = z.looseObject({ type: z.string() });
  const blocks = z.array(block);
  /** Who runs the worker: one process; another process may take over only when this one is dead. */
  const owner = z.object({ pid: z.number(), instance: z.string() });

  return {
    'worker.spawned': z.object({
      worker_id: z.string(),
      session_id: z.string(),
      description: z.string(),
      prompt: z.string(),
      plan: workerPlanSchema(),
      owner,
    }),
    /**
     * An ended worker queues again, or a live process took over a dead one's as it stood. A new prompt follows as
     * message.appended, after the results of tool uses that were still open.
     */
    'worker.resumed': z.object({
      plan: workerPlanSchema(),
      owner,
      /** What was granted before counts no longer: nothing proved that it was granted here (journal/seal.ts). */
      anew: z.literal(true).optional(),
    }),
    /** A slot was free: the loop runs. */
    'worker.started': z.object({}),
    /** A user message: the prompt of a resume, or one that the loop adds (a nudge, a repair of structured output). */
    'message.appended': z.object({ content: z.union([z.string(), blocks]) }),
    /** kept false: the reply was billed but is not part of the history (refusal, truncated tool use before its retry). */
    'model.replied': z.object({
      content: blocks,
      kept: z.boolean(),
      stop_reason: z.string().nullable(),
      stop_details: z.looseObject({}).optional(),
      model: z.string(),
      request_id: z.string().nullable(),
      usage: usageSchema(),
      cost_usd: z.number().nullable(),
      duration_ms: z.number(),
    }),
    /** A request failed in a way worth another try. `attempt` counts from 1. */
    'model.retried': z.object({
      attempt: z.number(),
      max_attempts: z.number(),
      delay_ms: z.number(),
      error_type: z.string(),
      message: z.string(),
    }),
    'permission.requested': z.object({ request: permissionRequestSchema() }),
    /** For an asked call its request_id; for a call that policy denied outright null. Calls that policy allows have none. */
    'permission.resolved': z.object({
      request_id: z.string().nullable(),
      tool_use_id: z.string(),
      tool: z.string(),
      input: z.unknown(),
      resolution: resolutionSchema(),
    }),
    'tool.started': z.object({ tool_use_id: z.string(), tool: z.string() }),
    /** Every tool_use gets exactly one: also one that was denied, unknown or interrupted. The fold makes the user message of them. */
    'tool.finished': z.object({
      tool_use_id: z.string(),
      tool: z.string(),
      content: z.union([z.string(), blocks]),
      is_error: z.boolean(),
      duration_ms: z.number(),
    }),
    /** A tool use of the worker has a worker of its own: about to be spawned, or to be resumed. */
    'child.spawned': z.object({ worker_id: z.string(), tool_use_id: z.string(), description: z.string() }),
    /** cost_usd: what it cost since, its own children included; it counts as the worker's. null: unknown. */
    'child.ended': z.object({ worker_id: z.string(), tool_use_id: z.string(), cost_usd: z.number().nullable() }),
    /** Its tools have ended; what they left in its worktree is on a branch. Comes before the end that it belongs to. */
    'worktree.settled': worktreeSettledSchema(),
    'worker.completed': z.object({ result: z.string(), structured_output: z.unknown().optional() }),
    'worker.failed': z.object({ error_type: z.string(), error_hint: z.string(), result: z.string() }),
    'worker.stopped': z.object({ reason: z.string() }),
  } as const;
});

/** zod infers {} as a record of nothing, which no event with a `type` would fit. */
type Body<T> = Record<string, never> extends T ? unknown : Readonly<T>;
type Schemas = ReturnType<typeof bodies>;
type Bodies = { readonly [K in keyof Schemas]: Body<z.infer<Schemas[K]>> };

type EventType = keyof Bodies;

/** What happened, before the journal gave it a place and a time. */
export type EventBody = { readonly [K in EventType]: { readonly type: K } & Bodies[K] }[EventType];

/** A journal line. `seq` counts from 1 without gaps; `at` is ISO 8601 in UTC. */
export type WorkerEvent = EventBody & { readonly v: number; readonly seq: number; readonly at: string };

export type EventOf<K extends EventType> = Extract<WorkerEvent, { readonly type: K }>;

/** Parses one journal line that is already JSON. Throws a ZodError on anything else. */
export const workerEventSchema = once((): z.ZodType<WorkerEvent> => {
  const envelope = { v: z.literal(journalVersion), seq: z.int().min(1), at: z.string() };
  const members = Object.entries(bodies()).map(([type, body]) => body.extend({ ...envelope, type: z.literal(type) }));
  return z.discriminatedUnion('type', members as never);
});

const sealed = /,"seal":"([\w-]{43})"\}$/;

/** A line of a journal as it was before it was sealed, and its seal. */
export function unsealed(line: string): { readonly line: string; readonly seal?: string } {
  const [suffix, seal] = sealed.exec(line) ?? [];
  return suffix === undefined || seal === undefined ? { line } : { line: `${line.slice(0, -suffix.length)}}`, seal };
}

export function withSeal(line: string, seal: string): string {
  return `${line.slice(0, -1)},"seal":"${seal}"}`;
}

/** The last event of a run: only worker.resumed may follow. */
export function isEnd({ type }: Pick<WorkerEvent, 'type'>): boolean {
  return type === 'worker.completed' || type === 'worker.failed' || type === 'worker.stopped';
}
