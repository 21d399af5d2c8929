// Owns: what the results file of a batch adds to its workers: which task each one did, its checks, the comparison of a sweep.
// Promises: every result is in the report, also one whose log is gone: then without a timeline, and saying so.
// Never: reads a file.
import type { TaskResult } from '../contract/task-result.ts';
import { type Budget, excerpt } from './budget.ts';
import { compare } from './compare.ts';
import type { ReportSweep, ReportWorker } from './input.ts';
import { optionTexts } from './worker.ts';

export type BatchPart = { readonly workers: readonly ReportWorker[]; readonly sweep?: ReportSweep };

/** In the order of the results; `workers` that did no task of these are left out. */
export function withTaskResults(
  results: readonly TaskResult[],
  workers: readonly ReportWorker[],
  budget: Budget,
): BatchPart {
  const byId = new Map(workers.map((worker) => [worker.worker_id, worker]));
  const swept = results.some((result) => Object.keys(result.combination).length > 0);
  const combinations = swept ? compare(results) : [];
  const index = new Map(combinations.map(({ combination }, at) => [keyOf(combination), at]));
  const repeated = results.some((result) => result.repeat > 1);
  const joined = results.map((result): ReportWorker => {
    const combination = index.get(keyOf(result.combination));
    return {
      ...(byId.get(result.worker_id) ?? withoutLog(result, budget)),
      ...(result.error_type === undefined ? {} : { error_type: result.error_type }),
      ...(result.error_hint === undefined ? {} : { error_hint: result.error_hint }),
      status: result.status === 'failed' ? failedStatus(byId.get(result.worker_id)) : result.status,
      task: {
        id: result.task,
        ...(combination === undefined ? {} : { combination }),
        ...(repeated ? { repeat: result.repeat } : {}),
      },
      checks: result.checks,
    };
  });
  if (!swept) return { workers: joined };
  return { workers: joined, sweep: { keys: Object.keys(results[0]?.combination ?? {}), combinations } };
}

/** A worker that did its work and failed a check stays completed: the check says the rest. */
function failedStatus(worker: ReportWorker | undefined): ReportWorker['status'] {
  return worker === undefined || worker.status === 'running' ? 'failed' : worker.status;
}

function withoutLog(result: TaskResult, budget: Budget): ReportWorker {
  const output = result.structured_output;
  const ended = Date.parse(result.ended_at);
  return {
    worker_id: result.worker_id,
    session_id: result.session_id,
    description: excerpt(result.description, 200).text,
    status: result.status,
    model: result.model,
    agent_type: result.agent_type,
    options: optionTexts(result.options),
    notices: result.notices,
    result: excerpt(result.result, budget.answer),
    ...(output === undefined ? {} : { structured_output: excerpt(JSON.stringify(output, null, 2), budget.text) }),
    usage: result.usage,
    total_cost_usd: result.total_cost_usd,
    num_turns: result.num_turns,
    duration_ms: result.duration_ms,
    started_at: new Date(ended - result.duration_ms).toISOString(),
    ended_at: result.ended_at,
    denials: result.permission_denials.length,
    retries: 0,
    steps: [],
    spans: [],
    log_path: result.conversation_history_file_path,
    unread: true,
  };
}

function keyOf(combination: Readonly<Record<string, string>>): string {
  return JSON.stringify(combination);
}
