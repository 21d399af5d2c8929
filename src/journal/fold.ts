// Owns: events -> WorkerSnapshot, the same code live and on replay.
// Promises: one step per event, whatever the length of the conversation; equal events give equal snapshots.
// Never: reads a clock, or knows whether the owner is alive (seen.ts does).
import { z } from 'zod';
import { type Child, todosSchema } from '../contract/delegate.ts';
import { AworkersError, assertNever } from '../contract/errors.ts';
import { type EventOf, isEnd, type WorkerEvent } from '../contract/event.ts';
import { type History, applyToHistory, emptyHistory } from '../contract/history.ts';
import { lastText } from '../contract/message.ts';
import type { PermissionDenial } from '../contract/permission.ts';
import { addUsage, noUsage } from '../contract/usage.ts';
import type { WorkerPlan } from '../contract/task.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';

export type Fold = {
  /** Live: it grows with the next event. */
  readonly history: History;
  readonly apply: (event: WorkerEvent) => void;
  /** Made once per event, when asked for. Throws before the first event. */
  readonly snapshot: () => WorkerSnapshot;
};

/** What an event changes only by its type. */
type Draft = Omit<WorkerSnapshot, 'history' | 'duration_ms' | 'last_activity_at' | 'last_seq'>;

/** In milliseconds. A run is start (not the wait for a slot) up to the end, or to the last sign of life before a crash. */
type Work = { readonly earlier: number; readonly from: number };

export function createFold(): Fold {
  const history = emptyHistory();
  let draft: Draft | undefined;
  let work: Work = { earlier: 0, from: 0 };
  let last = { at: '', seq: 0 };
  let latest: WorkerSnapshot | undefined;

  function apply(event: WorkerEvent): void {
    const changed = next(draft, event, history);
    work = workAt(work, event, draft?.state === 'queued', duration);
    draft = changed;
    last = event;
    latest = undefined;
    applyToHistory(history, event);
  }

  function duration(): number {
    return work.earlier + Math.max(0, Date.parse(draft?.ended_at ?? last.at) - work.from);
  }

  function snapshot(): WorkerSnapshot {
    if (draft === undefined)
      throw new AworkersError('internal', 'A worker has no events yet.', 'Apply worker.spawned first.');
    latest ??= { ...draft, history, duration_ms: duration(), last_activity_at: last.at, last_seq: last.seq };
    return latest;
  }

  return { history, apply, snapshot };
}

function workAt(work: Work, event: WorkerEvent, queued: boolean, soFar: () => number): Work {
  const { type, at } = event;
  if (type === 'worker.resumed') return { earlier: soFar(), from: Date.parse(at) };
  const begins = type === 'worker.spawned' || type === 'worker.started' || (queued && isEnd(event)); // that never had a slot
  return begins ? { ...work, from: Date.parse(at) } : work;
}

function next(draft: Draft | undefined, event: WorkerEvent, history: History): Draft {
  if (event.type === 'worker.spawned') return spawned(event);
  if (draft === undefined) {
    throw new AworkersError('internal', `A worker began with ${event.type}.`, 'Restore its journal, or move it away.');
  }
  switch (event.type) {
    case 'worker.resumed':
      return resumed(draft, event);
    case 'worker.started':
      return working({ ...draft, ...worktreeOf(draft.plan, true) });
    case 'model.replied':
      return {
        ...draft,
        num_turns: draft.num_turns + 1,
        usage: addUsage(draft.usage, event.usage),
        total_cost_usd: addCost(draft.total_cost_usd, event.cost_usd),
      };
    case 'permission.requested':
      return { ...draft, state: 'awaiting_permission', pending: [...draft.pending, event.request] };
    case 'permission.resolved':
      return resolved(draft, event);
    case 'tool.finished':
      return planned(settled(draft, event.tool_use_id), event, history);
    case 'child.spawned':
      return { ...draft, children: withChild(draft.children, event) };
    case 'child.ended':
      return {
        ...draft,
        children: counted(draft.children, event),
        total_cost_usd: addCost(draft.total_cost_usd, event.cost_usd),
      };
    case 'worktree.settled':
      return withSettled(draft, event);
    case 'worker.completed':
      return {
        ...ended(draft, event.at, 'completed'),
        result: event.result,
        ...(event.structured_output === undefined ? {} : { structured_output: event.structured_output }),
      };
    case 'worker.failed':
      return {
        ...ended(draft, event.at, 'failed'),
        result: event.result,
        error_type: event.error_type,
        error_hint: event.error_hint,
      };
    case 'worker.stopped':
      return {
        ...ended(draft, event.at, 'stopped'),
        result: lastText(history.messages),
        error_type: 'stopped',
        error_hint: `Stopped: ${event.reason.slice(0, 200)}. Resume it to go on.`,
      };
    case 'message.appended':
    case 'model.retried':
    case 'tool.started':
      return draft;
    default:
      return assertNever(event);
  }
}

function spawned(event: EventOf<'worker.spawned'>): Draft {
  return {
    worker_id: event.worker_id,
    session_id: event.session_id,
    description: event.description,
    plan: event.plan,
    state: 'queued',
    result: '',
    ...worktreeOf(event.plan, false),
    children: [],
    usage: noUsage,
    total_cost_usd: 0,
    num_turns: 0,
    permission_denials: [],
    pending: [],
    remembered_rules: [],
    started_at: event.at,
    ended_at: null,
    owner: event.owner,
  };
}

function resumed(draft: Draft, event: EventOf<'worker.resumed'>): Draft {
  const { structured_output: _output, error_type: _type, error_hint: _hint, ...before } = draft;
  const kept = event.anew === true ? withoutGrants(before) : before;
  return {
    ...kept,
    plan: event.plan,
    owner: event.owner,
    state: kept.pending.length > 0 ? 'awaiting_permission' : 'queued',
    result: '',
    ended_at: null,
  };
}

/** What was asked goes with what was answered: a question may show another call than the one that would run. */
function withoutGrants({ worktree: _worktree, ...draft }: Draft): Draft {
  return { ...draft, pending: [], remembered_rules: [] };
}

/** What changes in it is not known before the worker ends; `kept`: it is there. */
function worktreeOf({ worktree, parent }: WorkerPlan, kept: boolean): Pick<Draft, 'worktree'> {
  if (worktree === undefined || parent !== undefined) return {};
  const { path, branch, base } = worktree;
  return { worktree: { path, branch, base, changed: null, kept, diffstat: '', apply_command: null } };
}

function withSettled(draft: Draft, event: EventOf<'worktree.settled'>): Draft {
  if (draft.worktree === undefined) return draft;
  const { path, base } = draft.worktree;
  const { branch, changed, kept, diffstat, apply_command, problem } = event;
  const known = { path, branch, base, changed, kept, diffstat, apply_command };
  return { ...draft, worktree: { ...known, ...(problem === undefined ? {} : { problem }) } };
}

function withChild(children: readonly Child[], event: EventOf<'child.spawned'>): readonly Child[] {
  const { worker_id, tool_use_id, description } = event;
  const known = children.find((child) => child.worker_id === worker_id);
  const child = { worker_id, tool_use_id, description, counted_usd: known?.counted_usd ?? 0 };
  return known === undefined ? [...children, child] : children.map((each) => (each === known ? child : each));
}

function counted(children: readonly Child[], event: EventOf<'child.ended'>): readonly Child[] {
  return children.map((child) =>
    child.worker_id === event.worker_id ? { ...child, counted_usd: addCost(child.counted_usd, event.cost_usd) } : child,
  );
}

/** The call that is answered here is the plan. */
function planned(draft: Draft, event: EventOf<'tool.finished'>, history: History): Draft {
  if (event.tool !== 'TodoWrite' || event.is_error) return draft;
  const input = history.open.find(({ use }) => use.id === event.tool_use_id)?.use.input;
  const parsed = z.object({ todos: todosSchema() }).safeParse(input);
  return parsed.success ? { ...draft, todos: parsed.data.todos } : draft;
}

function resolved(draft: Draft, event: EventOf<'permission.resolved'>): Draft {
  const { resolution } = event;
  const answered = event.request_id === null ? draft : settled(draft, event.tool_use_id);
  if (!resolution.allow) return { ...answered, permission_denials: [...draft.permission_denials, denial(event)] };
  const rule = resolution.scope === 'once' ? undefined : resolution.remembered_rule;
  if (rule === undefined || draft.remembered_rules.includes(rule)) return answered;
  return { ...answered, remembered_rules: [...draft.remembered_rules, rule] };
}

/** A tool use no longer waits for an answer: it was given, or the call was settled without one. */
function settled(draft: Draft, toolUseId: string): Draft {
  if (!draft.pending.some((request) => request.tool_use_id === toolUseId)) return draft;
  const pending = draft.pending.filter((request) => request.tool_use_id !== toolUseId);
  return pending.length === 0 ? working({ ...draft, pending }) : { ...draft, pending };
}

function working(draft: Draft): Draft {
  if (draft.ended_at !== null) return draft;
  return { ...draft, state: draft.pending.length > 0 ? 'awaiting_permission' : 'running' };
}

/** An end withdraws what was asked: nobody waits for the answer any more. */
function ended(draft: Draft, at: string, state: 'completed' | 'failed' | 'stopped'): Draft {
  return { ...draft, state, ended_at: at, pending: [] };
}

function denial(event: EventOf<'permission.resolved'>): PermissionDenial {
  const { reason, decided_by: by } = event.resolution;
  const without = { policy: 'Denied by a rule.', nobody: 'Nobody could approve it.', host: 'Denied.', cli: 'Denied.' };
  return {
    tool_name: event.tool,
    tool_use_id: event.tool_use_id,
    tool_input: event.input,
    reason: reason ?? without[by],
  };
}

/** Sums of cents in binary grow tails like 0.30000000000000004: cut at a billionth of a cent. */
function addCost(sum: number | null, cost: number | null): number | null {
  return sum === null || cost === null ? null : Math.round((sum + cost) * 1e11) / 1e11;
}
