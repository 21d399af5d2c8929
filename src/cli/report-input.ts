// Owns: from workers of a manager, and the results of a batch, to the page of a report and its file.
// Promises: one worker in memory at a time, cut to the budget before the next is read; one that cannot be read is named.
// Never: loads the report room before a report was asked for.
import { AworkersError, errorText } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import type { TaskResult } from '../contract/task-result.ts';
import type { BatchReport } from '../report/batch-report.ts';
import type { ReportInput, ReportWorker } from '../report/html-report.ts';
import { version } from '../version.ts';
import { readJournal } from './journal-file.ts';

export type ReportPage = { readonly html: string; readonly unreadable: NonNullable<ReportInput['unreadable']> };

/** Every worker of the logs directory, oldest first. */
export async function logsReport(manager: WorkerManager, title: string): Promise<ReportPage> {
  const ids = (await manager.list()).map(({ worker_id }) => worker_id);
  const damaged = await manager.unreadable();
  if (ids.length + damaged.length === 0) {
    const hint = 'Name the logs directory: aworkers report path/to/logs';
    throw new AworkersError('not_found', `There are no workers in ${manager.logsDir}.`, hint);
  }
  const { workers, unreadable } = await collect(manager, ids);
  const ordered = workers.toSorted((a, b) => a.started_at.localeCompare(b.started_at));
  return await page(manager, { title, workers: ordered, unreadable: [...damaged, ...unreadable] });
}

/** The workers of a batch, in the order of its results, with checks, and the comparison if it was a sweep. */
export async function batchReport(
  manager: WorkerManager,
  title: string,
  results: readonly TaskResult[],
  open?: Pick<BatchReport, 'unfinished' | 'stopped'>,
): Promise<ReportPage> {
  const { budgetFor, withTaskResults } = await import('../report/html-report.ts');
  const ids = results.map(({ worker_id }) => worker_id);
  const { workers, unreadable } = await collect(manager, ids);
  const without = (open?.unfinished ?? []).map(({ id }) => ({
    worker_id: id,
    problem: `has no result: ${open?.stopped ?? 'it was not run.'}`,
  }));
  return await page(manager, {
    title,
    unreadable: [...unreadable, ...without],
    ...withTaskResults(results, workers, budgetFor(ids.length)),
  });
}

async function page(
  manager: WorkerManager,
  input: Pick<ReportInput, 'title' | 'workers' | 'sweep'> & Pick<ReportPage, 'unreadable'>,
): Promise<ReportPage> {
  const { htmlReport } = await import('../report/html-report.ts');
  const now = new Date().toISOString();
  const html = await htmlReport({ ...input, logs_dir: manager.logsDir, generated_at: now, version });
  return { html, unreadable: input.unreadable };
}

async function collect(
  manager: WorkerManager,
  ids: readonly string[],
): Promise<{ readonly workers: readonly ReportWorker[]; readonly unreadable: ReportPage['unreadable'] }> {
  const { budgetFor, reportWorker } = await import('../report/html-report.ts');
  const budget = budgetFor(ids.length);
  const workers: ReportWorker[] = [];
  const unreadable: { worker_id: string; problem: string }[] = [];
  for (const id of ids) {
    try {
      const snapshot = await manager.read(id);
      const events = await readJournal(manager.journalPath(id));
      workers.push(reportWorker(snapshot, events, manager.transcriptPath(id), budget));
    } catch (error) {
      unreadable.push({ worker_id: id, problem: errorText(error) });
    }
  }
  return { workers, unreadable };
}
