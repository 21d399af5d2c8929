// Owns: the sockets between rooms: model, tools, policy, approver, record. Implementations do not know each other.
// Promises: a port's failures that are expected come back as values; what throws is a broken promise.
// Never: has an implementation.
import type { z } from 'zod';
import type { EventBody, WorkerEvent } from './event.ts';
import type { ContentBlock, Message, StopDetails } from './message.ts';
import type { Access, JudgedCall, PermissionRequest, Resolution, ToolCall, Verdict } from './permission.ts';
import type { ModelSettings, WorktreePlan } from './task.ts';
import type { Usage } from './usage.ts';
import type { ErrorType } from './worker.ts';
import type { WorktreeSettled } from './worktree.ts';

// ---- model ----

export type ToolSpec = {
  readonly name: string;
  readonly description: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
};

/** A tool that the API runs itself, as it goes over the wire. */
export type ServerTool = { readonly type: string; readonly name: string; readonly [field: string]: unknown };

export type OfferedTool = ToolSpec | ServerTool;

export type ModelRequest = {
  readonly worker_id: string;
  readonly settings: ModelSettings;
  readonly system: string;
  /** Sorted by name: the order is part of the cached prefix. */
  readonly tools: readonly OfferedTool[];
  readonly messages: readonly Message[];
  /** In place of settings.max_tokens, for the one retry after a truncated tool use. */
  readonly max_tokens?: number;
};

export type ModelReply = {
  readonly type: 'replied';
  /** Blocks as the API sent them, tool inputs parsed; a tool_use whose input was not JSON carries input `{"__invalid_json": text}`. */
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string | null;
  readonly stop_details?: StopDetails;
  readonly model: string;
  readonly request_id: string | null;
  readonly usage: Usage;
  /** null when the price of the model is unknown. */
  readonly cost_usd: number | null;
  readonly duration_ms: number;
};

/** The request failed for good: all tries are used up, or trying again is no use. */
export type ModelFailure = {
  readonly type: 'failed';
  readonly error_type: ErrorType;
  /** What happened and what to try, at most 300 characters, no secret. */
  readonly error_hint: string;
  /** True when no worker can go on (credentials, billing, spend cap). */
  readonly fleet: boolean;
};

export type ModelRetry = {
  readonly attempt: number;
  readonly max_attempts: number;
  readonly delay_ms: number;
  readonly error_type: ErrorType;
  readonly message: string;
};

export interface ModelClient {
  /** One reply. Retries inside; never throws for request, network or stream failures. An abort rejects with the signal's reason. */
  reply(
    request: ModelRequest,
    onRetry: (retry: ModelRetry) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ModelReply | ModelFailure>;
}

// ---- tools ----

export type ToolOutput = { readonly content: string | readonly ContentBlock[]; readonly is_error: boolean };

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** Parses the model's input; its JSON Schema is what the model sees. */
  readonly input: z.ZodType<Record<string, unknown>>;
  readonly access: Access;
  /** Neighbouring calls run at the same time although they do more than read. */
  readonly sideBySide?: boolean;
  /** Must not throw for anything the model can cause; what it throws becomes an error result all the same. */
  run(input: Readonly<Record<string, unknown>>, signal: AbortSignal, call?: JudgedCall): Promise<ToolOutput>;
  /** What would change, for a person who is asked (a unified diff). */
  preview?(input: Readonly<Record<string, unknown>>, call?: JudgedCall): Promise<string | undefined>;
  /** Of a tool that only passes calls on: the tool and input that the gate judges and that run in its place; a text: why there is none. */
  readonly forward?: (input: Readonly<Record<string, unknown>>) => Forwarded | string;
}

type Forwarded = { readonly tool: Tool; readonly input: Readonly<Record<string, unknown>> };

/** The tools of one worker, bound to its directory. Holds what they share: files read so far, running processes. */
export interface Toolset {
  readonly tools: ReadonlyMap<string, Tool>;
  /** What the model sees, sorted by name. */
  readonly specs: readonly OfferedTool[];
  /** Ends every process it started, whole groups, within 200 ms. Idempotent. */
  close(): Promise<void>;
}

// ---- worktrees ----

/** How a worker ended, as far as its worktree is concerned. */
export type WorktreeEnd = {
  /** Of the commit that holds what the worker had not committed. */
  readonly message: string;
  /** Else what git ignores is kept, too. */
  readonly completed: boolean;
};

export interface Worktrees {
  /** Where a worktree for this directory will be. Makes none. Throws 'usage' for a directory that can have none. */
  plan(cwd: string, workerId: string, dirty: boolean, signal: AbortSignal): Promise<WorktreePlan>;
  /** Makes it, or finds it as it was left. */
  open(plan: WorktreePlan, signal: AbortSignal): Promise<void>;
  /** Commits what is left in it to its branch; removes both when there is nothing. Its processes must have ended. Never throws. */
  settle(plan: WorktreePlan, end: WorktreeEnd): Promise<WorktreeSettled>;
}

// ---- permission ----

/** The rules of one worker. Pure but for the path resolver it was given. */
export interface Policy {
  evaluate(call: ToolCall): Verdict;
  /** Adds an allow rule that a person gave with an answer. */
  remember(rule: string): void;
}

/** Where a path really leads. Implemented over the file system; a table in tests. */
export interface PathResolver {
  /** Absolute form of `path` against `cwd`, `~` expanded, and its real path with every symlink resolved (of the nearest existing parent when it does not exist). */
  resolve(path: string, cwd: string): { readonly absolute: string; readonly real: string };
}

export interface Approver {
  /**
   * Resolves when somebody answered; `commit` must be awaited with the resolution before anyone learns of it.
   * An abort rejects with the signal's reason and withdraws the request.
   */
  ask(
    request: PermissionRequest,
    commit: (resolution: Resolution) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Resolution>;
}

// ---- journal ----

/** Appends one event durably and returns it as stored. Resolves only when it would survive `kill -9`. */
export type RecordEvent = (event: EventBody) => Promise<WorkerEvent>;

// ---- the world ----

export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
