// Owns: what wait and list say of a worker, made from its snapshot.
// Promises: pure; the bounds of the contract (200 characters of preview, 300 of hint, 4 kB of input).
import { todoLine } from '../contract/delegate.ts';
import type { Spawned } from '../contract/manager.ts';
import type { PermissionRequest } from '../contract/permission.ts';
import { clip } from '../contract/text.ts';
import type {
  CompletedEntry,
  FailedEntry,
  PendingEntry,
  RunningEntry,
  WorkerSnapshot,
  WorkerSummary,
} from '../contract/worker.ts';

const previewLength = 200;
const hintLength = 300;
const inputBytes = 4_096;

/** How an ended worker is reported: completed, or failed with a hint (also when it was stopped or interrupted). */
export type EndedEntry =
  | { readonly kind: 'completed'; readonly entry: CompletedEntry }
  | { readonly kind: 'failed'; readonly entry: FailedEntry };

export function endedEntry(snapshot: WorkerSnapshot, path: string): EndedEntry {
  const entry: CompletedEntry = {
    worker_id: snapshot.worker_id,
    session_id: snapshot.session_id,
    description: snapshot.description,
    conversation_history_file_path: path,
    result_preview: clip(snapshot.result, previewLength),
    model: snapshot.plan.settings.model,
    num_turns: snapshot.num_turns,
    total_cost_usd: snapshot.total_cost_usd,
    duration_ms: snapshot.duration_ms,
    permission_denials: snapshot.permission_denials.length,
    ...(snapshot.worktree === undefined ? {} : { worktree: snapshot.worktree }),
  };
  if (snapshot.state === 'completed') return { kind: 'completed', entry };
  const error_type = snapshot.error_type ?? 'internal_error';
  const error_hint = snapshot.error_hint ?? 'It ended without a reason. Read its log.';
  return { kind: 'failed', entry: { ...entry, error_type, error_hint: clip(error_hint, hintLength) } };
}

export function withResult(
  ended: EndedEntry,
  snapshot: Pick<WorkerSnapshot, 'result' | 'structured_output'>,
): EndedEntry {
  const { result, structured_output } = snapshot;
  const more = { result, ...(structured_output === undefined ? {} : { structured_output }) };
  return ended.kind === 'completed'
    ? { kind: 'completed', entry: { ...ended.entry, ...more } }
    : { kind: 'failed', entry: { ...ended.entry, ...more } };
}

export function runningEntry(snapshot: WorkerSnapshot): RunningEntry {
  return {
    worker_id: snapshot.worker_id,
    description: snapshot.description,
    status: snapshot.state,
    num_turns: snapshot.num_turns,
  };
}

export function pendingEntry(request: PermissionRequest): PendingEntry {
  return {
    request_id: request.request_id,
    worker_id: request.worker_id,
    description: request.description,
    tool: request.tool,
    input: boundedInput(request.input),
    reason: request.reason,
    suggested_rule: request.suggested_rule ?? null,
  };
}

export function spawnedOf(snapshot: WorkerSnapshot, path: string): Spawned {
  return {
    worker_id: snapshot.worker_id,
    session_id: snapshot.session_id,
    status: snapshot.state,
    model: snapshot.plan.settings.model,
    conversation_history_file_path: path,
    notices: snapshot.plan.notices,
  };
}

export function summaryOf(snapshot: WorkerSnapshot): WorkerSummary {
  return {
    worker_id: snapshot.worker_id,
    description: snapshot.description,
    status: snapshot.state,
    model: snapshot.plan.settings.model,
    num_turns: snapshot.num_turns,
    total_cost_usd: snapshot.total_cost_usd,
    seconds: Math.round(snapshot.duration_ms / 1000),
    last_activity_at: snapshot.last_activity_at,
    ...(snapshot.plan.parent === undefined ? {} : { parent_id: snapshot.plan.parent.worker_id }),
    ...(snapshot.todos === undefined ? {} : { todo: todoLine(snapshot.todos) }),
  };
}

/** The longest strings are cut first, so that a command stays readable beside a large file content. */
function boundedInput(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (let limit = inputBytes; limit >= 64; limit = Math.floor(limit / 2)) {
    const bounded = limit === inputBytes ? input : cutStrings(input, limit);
    if (utf8Length(JSON.stringify(bounded)) <= inputBytes) return bounded;
  }
  return { cut: `${clip(JSON.stringify(input), 1_000)} [cut: the whole input is in the log]` };
}

function cutStrings(input: Readonly<Record<string, unknown>>, limit: number): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const rest = (text?.length ?? 0) - limit;
      return [
        key,
        text !== undefined && rest > 0 ? `${clip(text, limit)} [${rest} more characters cut: see the log]` : value,
      ];
    }),
  );
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
