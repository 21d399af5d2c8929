// Owns: from a worker's snapshot and its events to what the report says of it.
// Promises: pure and linear; texts are cut to the budget, with what was left out counted.
// Never: reads a file or a clock.
import { todoLine } from '../contract/delegate.ts';
import type { WorkerEvent } from '../contract/event.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { type Budget, excerpt, fit } from './budget.ts';
import type { ReportWorker } from './input.ts';
import { spansOf } from './spans.ts';
import { stepsOf } from './steps.ts';

export function reportWorker(
  snapshot: WorkerSnapshot,
  events: readonly WorkerEvent[],
  logPath: string,
  budget: Budget,
): ReportWorker {
  const { plan, structured_output: output } = snapshot;
  return {
    worker_id: snapshot.worker_id,
    session_id: snapshot.session_id,
    description: excerpt(snapshot.description, 200).text,
    status: snapshot.state,
    model: plan.settings.model,
    agent_type: plan.agent_type,
    ...(plan.parent === undefined ? {} : { parent_id: plan.parent.worker_id }),
    ...(snapshot.todos === undefined ? {} : { todo: todoLine(snapshot.todos) }),
    ...changesOf(snapshot),
    options: optionTexts(plan.options),
    notices: plan.notices,
    result: excerpt(snapshot.result, budget.answer),
    ...(output === undefined ? {} : { structured_output: excerpt(JSON.stringify(output, null, 2), budget.text) }),
    ...(snapshot.error_type === undefined ? {} : { error_type: snapshot.error_type }),
    ...(snapshot.error_hint === undefined ? {} : { error_hint: snapshot.error_hint }),
    usage: snapshot.usage,
    total_cost_usd: snapshot.total_cost_usd,
    num_turns: snapshot.num_turns,
    duration_ms: snapshot.duration_ms,
    started_at: snapshot.started_at,
    ended_at: snapshot.ended_at,
    denials: snapshot.permission_denials.length,
    retries: events.filter((event) => event.type === 'model.retried').length,
    steps: fit(stepsOf(events, budget), budget),
    spans: spansOf(events),
    log_path: logPath,
  };
}

function changesOf({ worktree }: WorkerSnapshot): Pick<ReportWorker, 'worktree'> {
  if (worktree === undefined || worktree.apply_command === null) return {};
  const { branch, diffstat, apply_command } = worktree;
  return { worktree: { branch, diffstat, apply_command } };
}

export function optionTexts(options: Readonly<Record<string, unknown>>): ReportWorker['options'] {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, excerpt(asText(value), 300).text]));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
