// Owns: from workers of a manager to the plain data of a report.
// Promises: one worker in memory at a time, cut to the budget before the next is read; one that cannot be read is named.
// Never: writes.
import type { WorkerManager } from '../contract/manager.ts';
import { errorText } from '../contract/errors.ts';
import { version } from '../version.ts';
import type { ReportInput, ReportWorker } from '../report/html-report.ts';
import { readJournal } from './journal-file.ts';

type Collected = Pick<ReportInput, 'workers'> & { readonly unreadable: NonNullable<ReportInput['unreadable']> };

/** In the order of `ids`. Loads the report room, so call it when a report was asked for. */
export async function collectWorkers(manager: WorkerManager, ids: readonly string[]): Promise<Collected> {
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

export async function renderReport(
  input: Omit<ReportInput, 'generated_at' | 'version'>,
  now = new Date(),
): Promise<string> {
  const { htmlReport } = await import('../report/html-report.ts');
  return await htmlReport({ ...input, generated_at: now.toISOString(), version });
}
