// Owns: what a report is made from: plain data, complete, texts already cut to a budget (budget.ts).
// Promises: whoever has it needs no file to render it; the same input gives the same page.
// Never: a live object, a whole transcript of a long worker, a function.
import type { Notice } from '../contract/options.ts';
import type { CheckResult } from '../contract/task-result.ts';
import type { Usage } from '../contract/usage.ts';
import type { WorkerState } from '../contract/worker.ts';
import type { ComparedCombination } from './compare.ts';

export type ReportInput = {
  readonly title: string;
  /** ISO 8601: when the report was made. */
  readonly generated_at: string;
  /** Version of the program, printed at the foot. */
  readonly version: string;
  /** Absolute; printed, never linked. null: there is none. */
  readonly logs_dir: string | null;
  /** In the order in which they are to stand until the reader sorts them. */
  readonly workers: readonly ReportWorker[];
  readonly sweep?: ReportSweep;
  /** Workers that belong here and could not be read: named, so that none goes missing unsaid. */
  readonly unreadable?: readonly { readonly worker_id: string; readonly problem: string }[];
};

/** One worker. reportWorker (worker.ts) makes it; withTaskResults (task-results.ts) adds `task` and `checks` of a batch. */
export type ReportWorker = {
  readonly worker_id: string;
  readonly session_id: string;
  readonly description: string;
  readonly status: WorkerState;
  readonly model: string;
  readonly agent_type: string;
  /** Of a worker that another worker spawned; its cost is part of that one's. */
  readonly parent_id?: string;
  /** Where its own list of steps stood last: "2/5 Running the tests". */
  readonly todo?: string;
  /** Of a worker with isolation that changed something. */
  readonly worktree?: { readonly branch: string; readonly diffstat: string; readonly apply_command: string };
  /** Options in force, as text: {"temperature": "0.5"}. */
  readonly options: Readonly<Record<string, string>>;
  readonly notices: readonly Notice[];
  /** The final answer; of a failed worker what there is. */
  readonly result: Excerpt;
  readonly structured_output?: Excerpt;
  readonly error_type?: string;
  readonly error_hint?: string;
  readonly usage: Usage;
  readonly total_cost_usd: number | null;
  readonly num_turns: number;
  readonly duration_ms: number;
  readonly started_at: string;
  /** null while it runs. */
  readonly ended_at: string | null;
  /** Calls that were not allowed. */
  readonly denials: number;
  readonly retries: number;
  readonly steps: readonly ReportStep[];
  readonly spans: readonly ReportSpan[];
  /** Absolute path of the whole conversation; printed, never linked. */
  readonly log_path: string;
  readonly task?: ReportTask;
  readonly checks?: readonly CheckResult[];
  /** Only the results file tells of it: its log was not there to be read. */
  readonly unread?: true;
};

/** `id` names the task of the file; all combinations and repeats of a sweep share it. */
export type ReportTask = {
  readonly id: string;
  /** Index into sweep.combinations; absent without a sweep. */
  readonly combination?: number;
  /** From 1, with --repeat. */
  readonly repeat?: number;
};

/** Text that may have been cut: `more` counts the characters left out. */
export type Excerpt = { readonly text: string; readonly more: number };

export type ReportSweep = {
  /** Swept keys in the order of the command, e.g. ["temperature", "model"]. */
  readonly keys: readonly string[];
  readonly combinations: readonly ComparedCombination[];
};

/** What happened, in order. A tool use and everything that became of it is one step. */
export type ReportStep =
  | { readonly type: 'prompt'; readonly at: string; readonly text: Excerpt }
  | {
      readonly type: 'reply';
      readonly at: string;
      /** From 1. */
      readonly turn: number;
      readonly parts: readonly { readonly type: 'text' | 'thinking' | 'other'; readonly text: Excerpt }[];
      /** Billed, but not part of the conversation. */
      readonly dropped: boolean;
      readonly stop_reason: string | null;
      readonly usage: Usage;
      readonly cost_usd: number | null;
      readonly duration_ms: number;
    }
  | {
      readonly type: 'tool';
      readonly at: string;
      readonly tool: string;
      readonly input: Excerpt;
      readonly permission?: ReportPermission;
      /** null: it has none (yet). */
      readonly result: Excerpt | null;
      readonly is_error: boolean;
      readonly duration_ms: number | null;
    }
  | {
      readonly type: 'retry';
      readonly at: string;
      readonly attempt: number;
      readonly max_attempts: number;
      readonly delay_ms: number;
      readonly error_type: string;
      readonly message: Excerpt;
    }
  | {
      readonly type: 'ended' | 'resumed';
      readonly at: string;
      readonly text: Excerpt;
    }
  /** Stands where steps were left out to keep the report small. */
  | { readonly type: 'left_out'; readonly steps: number };

export type ReportPermission = {
  /** Why it asked, or why it was denied. */
  readonly reason: string;
  /** null: never answered. */
  readonly allowed: boolean | null;
  readonly decided_by?: string;
  readonly waited_ms: number;
};

/** What a worker spent its time on; milliseconds since 1970. */
export type ReportSpan = {
  readonly kind: 'queued' | 'model' | 'tool' | 'permission' | 'retry';
  readonly from: number;
  readonly to: number;
};
