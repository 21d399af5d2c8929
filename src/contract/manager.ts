// Owns: the manager as mcp, cli and batch see it: requests in, plain data out.
// Promises: one interface for every face; a call's expected failures are AworkersErrors that name the thing.
// Never: an implementation (that is manager/).
import { z } from 'zod';
import { once, type Read } from './once.ts';
import type { WorkerEvent } from './event.ts';
import { type Notice, workerOptionsSchema } from './options.ts';
import { scopes } from './permission.ts';
import { type Task } from './task.ts';
import {
  type CompletedEntry,
  type WaitResult,
  type WorkerSnapshot,
  type WorkerState,
  type WorkerSummary,
  workerStates,
} from './worker.ts';

export type Spawned = {
  readonly worker_id: string;
  readonly session_id: string;
  readonly status: WorkerState;
  readonly model: string;
  /** Absolute. */
  readonly conversation_history_file_path: string;
  readonly notices: readonly Notice[];
};

export const waitQuerySchema = once(() =>
  z.strictObject({
    worker_ids: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Read these workers, also from before a restart; default: the current batch.'),
    mode: z
      .enum(['all', 'any'])
      .optional()
      .describe('all (default): until every worker has ended; any: until one has.'),
    timeout_seconds: z
      .number()
      .gt(0)
      .optional()
      .describe('Return what there is after so many seconds, the rest under running.'),
    include_results: z.boolean().optional().describe('Add each result, within the 10 kB bound.'),
  }),
);
export type WaitQuery = Read<typeof waitQuerySchema>;

export const resumeRequestSchema = once(() =>
  z.strictObject({
    worker_id: z.string().min(1).describe('A worker_id or session_id.'),
    prompt: z.string().min(1).describe('The next message of the conversation.'),
    options: workerOptionsSchema().optional().describe('Default to those of the worker.'),
  }),
);
export type ResumeRequest = Read<typeof resumeRequestSchema>;

export const permissionAnswerSchema = once(() =>
  z.strictObject({
    request_id: z.string().min(1),
    allow: z.boolean(),
    reason: z.string().nullish().describe('Reaches the model of the worker.'),
    scope: z
      .enum(scopes)
      .optional()
      .describe(
        'once (default); worker or all: remember the suggested rule for this worker, or for all workers of this server.',
      ),
  }),
);
export type PermissionAnswer = Read<typeof permissionAnswerSchema>;

export type PermissionAnswered = {
  readonly status: 'approved' | 'denied';
  readonly request_id: string;
  readonly worker_id: string;
  readonly tool: string;
};

export const listFilterSchema = once(() => z.strictObject({ status: z.enum(workerStates).optional() }));
export type ListFilter = Read<typeof listFilterSchema>;

export type WorkerListener = (event: WorkerEvent, workerId: string) => void;

export interface WorkerManager {
  readonly logsDir: string;
  /**
   * Journals the worker and queues it. Throws 'usage' for options that do not hold (strict, cwd, unknown agent).
   * `workerId`: a UUID v4 of a caller who wrote it down first.
   */
  spawn(task: Task, workerId?: string): Promise<Spawned>;
  /** Batch rule: contract.md, wait. An abort rejects and leaves the workers alone. */
  wait(query: WaitQuery, signal?: AbortSignal): Promise<WaitResult>;
  /** Resolves when the worker does not run here (any more): it ended, or a shutdown left it waiting for an answer. */
  ended(workerId: string): Promise<void>;
  resume(request: ResumeRequest): Promise<Spawned>;
  /**
   * Goes on with a worker that lost its process or was ended from outside, as it stood: no new message, no reply asked for
   * twice, its limits still counting what it used. Throws 'conflict' when it has completed or runs. `regrant`: the options
   * that its person gave it, for a journal that cannot prove what it was granted.
   */
  recover(workerId: string, regrant?: Task['options']): Promise<Spawned>;
  /** First answer wins; a second throws 'conflict' that says how it was answered. */
  approve(answer: PermissionAnswer): Promise<PermissionAnswered>;
  /** Resolves when its loop and processes are gone. Ended already: its summary, unchanged. */
  stop(workerId: string, reason?: string): Promise<WorkerSummary>;
  /** Every worker of this process and of the logs directory, newest first. */
  list(filter?: ListFilter): Promise<readonly WorkerSummary[]>;
  /** Workers that list leaves out: their journals are damaged or cannot be opened. */
  unreadable(): Promise<readonly { readonly worker_id: string; readonly problem: string }[]>;
  /** By worker_id, session_id, or a prefix of at least 6 characters that is unique. */
  read(workerId: string): Promise<WorkerSnapshot>;
  transcriptPath(workerId: string): string;
  journalPath(workerId: string): string;
  /** "3/8 done, 1 waiting for permission, $0.12" over the current batch or the named workers. */
  progress(workerIds?: readonly string[]): string;
  /** Writes entries that no longer fit a result to a file; returns its absolute path. */
  writeManifest(entries: readonly CompletedEntry[]): Promise<string>;
  /** Called after each event was journaled, in order per worker. Returns the unsubscribe function. */
  subscribe(listener: WorkerListener): () => void;
  /** Stops every worker of this process, ends its processes, closes journals. Idempotent; within 300 ms. */
  close(reason: string): Promise<void>;
}
