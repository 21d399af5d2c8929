// Owns: what a worker is, seen from outside: its state, its snapshot (the fold of its journal), what wait and list say of it.
// Promises: everything here derives from events.
// Never: a live object.
import type { Child, Todos } from './delegate.ts';
import type { History } from './history.ts';
import type { PermissionDenial, PermissionRequest } from './permission.ts';
import type { WorkerPlan } from './task.ts';
import type { Usage } from './usage.ts';
import type { WorktreeReport } from './worktree.ts';

export const workerStates = [
  'queued',
  'running',
  'awaiting_permission',
  'completed',
  'failed',
  'stopped',
  'interrupted',
] as const;
export type WorkerState = (typeof workerStates)[number];

/** Ended: no loop runs; the worker can be resumed. */
export function isEnded(state: WorkerState): boolean {
  return state === 'completed' || state === 'failed' || state === 'stopped' || state === 'interrupted';
}

/** Why a worker failed. Names from the API keep its spelling. */
export const errorTypes = [
  'max_turns',
  'max_cost',
  'timeout',
  'max_tokens',
  'refusal',
  'context_window',
  'empty_reply',
  'unknown_stop_reason',
  'output_schema',
  'interrupted',
  'stopped',
  'invalid_request_error',
  'authentication_error',
  'billing_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'rate_limit_error',
  'overloaded_error',
  'api_error',
  'timeout_error',
  'connection_error',
  'stream_error',
  'journal_error',
  'internal_error',
] as const;
export type ErrorType = (typeof errorTypes)[number];

/** The fold of a journal. `history` is shared with its owner: read it, never change it. */
export type WorkerSnapshot = {
  readonly worker_id: string;
  readonly session_id: string;
  readonly description: string;
  readonly plan: WorkerPlan;
  readonly state: WorkerState;
  readonly history: History;
  /** Final text, '' while there is none. Of a failed worker: what there is. */
  readonly result: string;
  readonly structured_output?: unknown;
  readonly error_type?: string;
  readonly error_hint?: string;
  /** Absent: it works in the caller's tree. */
  readonly worktree?: WorktreeReport;
  /** Workers of its own, in the order of their first calls. */
  readonly children: readonly Child[];
  /** The plan it keeps, if it keeps one. */
  readonly todos?: Todos;
  readonly usage: Usage;
  /** Its children's included. null: at least one reply has an unknown price. */
  readonly total_cost_usd: number | null;
  /** Model replies since the worker was spawned. */
  readonly num_turns: number;
  readonly permission_denials: readonly PermissionDenial[];
  /** Asked and not answered yet, oldest first. */
  readonly pending: readonly PermissionRequest[];
  /** Rules that answers with scope "worker" or "all" remembered. */
  readonly remembered_rules: readonly string[];
  readonly started_at: string;
  /** null while it runs. */
  readonly ended_at: string | null;
  /** Milliseconds of work: from the start (a slot was free) to the end, summed over all runs. */
  readonly duration_ms: number;
  readonly last_activity_at: string;
  readonly last_seq: number;
  readonly owner: { readonly pid: number; readonly instance: string };
};

export type CompletedEntry = {
  readonly worker_id: string;
  readonly session_id: string;
  readonly description: string;
  readonly conversation_history_file_path: string;
  /** At most 200 characters. */
  readonly result_preview: string;
  /** Only with include_results. */
  readonly result?: string;
  readonly structured_output?: unknown;
  readonly model: string;
  readonly num_turns: number;
  readonly total_cost_usd: number | null;
  readonly duration_ms: number;
  readonly permission_denials: number;
  /** Of a worker with isolation: where its changes are. */
  readonly worktree?: WorktreeReport;
};

/** error_hint: what happened and what to try, at most 300 characters. */
export type FailedEntry = CompletedEntry & { readonly error_type: string; readonly error_hint: string };

export type PendingEntry = {
  readonly request_id: string;
  readonly worker_id: string;
  readonly description: string;
  readonly tool: string;
  /** Whole up to 4 kB of JSON, then cut with a marker. */
  readonly input: unknown;
  readonly reason: string;
  readonly suggested_rule: string | null;
};

export type RunningEntry = {
  readonly worker_id: string;
  readonly description: string;
  readonly status: WorkerState;
  readonly num_turns: number;
};

export type WaitResult = {
  readonly completed: readonly CompletedEntry[];
  readonly failed: readonly FailedEntry[];
  readonly pending_permissions: readonly PendingEntry[];
  readonly running: readonly RunningEntry[];
};

/** A line of list_workers. */
export type WorkerSummary = {
  readonly worker_id: string;
  readonly description: string;
  readonly status: WorkerState;
  readonly model: string;
  readonly num_turns: number;
  readonly total_cost_usd: number | null;
  /** Whole seconds of work so far. */
  readonly seconds: number;
  readonly last_activity_at: string;
  /** Of a worker that another worker spawned. */
  readonly parent_id?: string | undefined;
  /** Where its plan stands: "2/5 Running the tests". */
  readonly todo?: string | undefined;
};
