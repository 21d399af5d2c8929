// Owns: a batch as the input of the HTML report: its workers with their tasks and checks, and the comparison of its sweep.
// Promises: a task without a worker is in it all the same.
import { dirname } from 'node:path';
import type { TaskResult } from '../contract/task-result.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { noUsage } from '../contract/usage.ts';
import type { BatchReport, OpenTask } from '../report/batch-report.ts';
import { compare, type ComparedCombination, differenceMeaning, labelOf } from '../report/compare.ts';
import type { ReportInput, ReportWorker } from '../report/html-report.ts';
import { collectWorkers, renderReport } from './report-input.ts';

export async function batchPage(report: BatchReport, manager: WorkerManager): Promise<string> {
  const { name, results, unfinished } = report;
  const combinations = compare(results);
  const byWorker = new Map(results.map((result) => [result.worker_id, result]));
  const { workers, unreadable } = await collectWorkers(
    manager,
    results.map((result) => result.worker_id),
  );
  const swept = combinations.some(({ label }) => label !== '');
  const indexOf = (labels: Readonly<Record<string, string>>) =>
    swept ? combinations.findIndex(({ label }) => label === labelOf(labels)) : -1;
  return await renderReport({
    title: name,
    logs_dir: results[0] === undefined ? manager.logsDir : dirname(results[0].conversation_history_file_path),
    workers: [
      ...workers.map((worker) => withTask(worker, byWorker.get(worker.worker_id ?? ''), indexOf)),
      ...unfinished.map((task) => withoutWorker(task, report.stopped)),
    ],
    unreadable,
    ...(swept ? { sweep: sweepOf(combinations) } : {}),
  });
}

function withTask(
  worker: ReportWorker,
  result: TaskResult | undefined,
  indexOf: (labels: TaskResult['combination']) => number,
): ReportWorker {
  if (result === undefined) return worker;
  const combination = indexOf(result.combination);
  const failed = result.status === 'failed' && worker.status === 'completed';
  return {
    ...worker,
    description: result.id,
    ...(failed
      ? { status: 'failed', error_type: result.error_type ?? 'check', error_hint: result.error_hint ?? '' }
      : {}),
    task: { id: result.task, repeat: result.repeat, ...(combination === -1 ? {} : { combination }) },
    checks: result.checks,
  };
}

function withoutWorker(task: OpenTask, stopped: string | undefined): ReportWorker {
  return {
    worker_id: null,
    session_id: null,
    description: task.id,
    status: 'stopped',
    model: '',
    agent_type: '',
    options: task.combination,
    notices: [],
    result: { text: '', more: 0 },
    error_hint: `It has no result: ${stopped ?? 'it was not run.'}`,
    usage: noUsage,
    total_cost_usd: 0,
    num_turns: 0,
    duration_ms: 0,
    started_at: '',
    ended_at: null,
    denials: 0,
    retries: 0,
    steps: [],
    spans: [],
    log_path: null,
  };
}

function sweepOf(combinations: readonly ComparedCombination[]): NonNullable<ReportInput['sweep']> {
  return {
    measure: `${differenceMeaning} Between repeats where there are any, else from the other combinations.`,
    keys: Object.keys(combinations[0]?.combination ?? {}),
    combinations: combinations.map((each) => ({
      values: Object.values(each.combination),
      count: each.count,
      failed: each.failed,
      total_cost_usd: each.cost_usd,
      tokens: each.input_tokens + each.output_tokens,
      duration_ms: each.median_duration_ms,
      answer_difference: each.spread ?? each.from_others,
    })),
  };
}
