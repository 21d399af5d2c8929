// Owns: the reports of a batch that has ended: JUnit, HTML, GitHub's job summary and annotations.
// Promises: written also when the run was cut short; one that cannot be written names its file and keeps none of the others back.
// Never: changes a result.
import { access, appendFile, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import type { BatchReport } from '../report/batch-report.ts';
import type { CliIo } from './io.ts';
import type { Output } from './render.ts';
import { assertReplaceable, replaceFile } from './replace-file.ts';

export type ReportPlaces = { readonly junit: string | undefined; readonly report: string | undefined };

/** A report that cannot be written is better known before the money is spent. */
export async function checkPlaces(
  places: ReportPlaces & { readonly file: string | undefined; readonly out: string | undefined },
  io: CliIo,
): Promise<void> {
  const taken = new Map<string, string>();
  for (const flag of ['file', 'out', 'junit', 'report'] as const) {
    const path = places[flag];
    if (path === undefined) continue;
    const whole = resolve(io.cwd, path);
    const other = taken.get(whole);
    if (other !== undefined) {
      throw new AworkersError('usage', `--${other} and --${flag} are the same file: ${path}.`, 'Give each its own.');
    }
    taken.set(whole, flag);
  }
  for (const flag of ['junit', 'report'] as const) {
    const path = places[flag];
    if (path === undefined) continue;
    const whole = resolve(io.cwd, path);
    const folder = dirname(whole);
    await assertReplaceable(whole);
    try {
      await access(folder, constants.W_OK);
    } catch (cause) {
      throw new AworkersError(
        'usage',
        `--${flag} ${path}: ${folder} cannot be written to.`,
        'Make the directory first.',
        { cause },
      );
    }
  }
}

/** What could not be written. */
export async function writeReports(
  report: BatchReport,
  places: ReportPlaces,
  manager: WorkerManager,
  io: CliIo,
  out: Output,
): Promise<readonly AworkersError[]> {
  const problems: AworkersError[] = [];
  const attempt = async (write: () => Promise<void>) => {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof AworkersError)) throw error;
      problems.push(error);
    }
  };
  const { junit, report: page } = places;
  if (junit !== undefined) {
    await attempt(async () => {
      const { junitXml } = await import('../report/junit.ts');
      await replaceFile(resolve(io.cwd, junit), junitXml(report));
    });
  }
  if (page !== undefined) {
    await attempt(async () => {
      const { batchReport } = await import('./report-input.ts');
      const { html } = await batchReport(manager, report.name, report.results, report);
      await replaceFile(resolve(io.cwd, page), html);
    });
  }
  if (io.env['GITHUB_ACTIONS'] === 'true') await attempt(() => tellGithub(report, io, out));
  return problems;
}

async function tellGithub(report: BatchReport, io: CliIo, out: Output): Promise<void> {
  const { githubAnnotations, githubSummary } = await import('../report/github.ts');
  for (const line of githubAnnotations(report)) out.runnerCommand(line);
  const path = io.env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  try {
    await appendFile(path, `${githubSummary(report)}\n`);
  } catch (cause) {
    throw new AworkersError(
      'io',
      `The job summary ${path} cannot be written: ${errorText(cause)}.`,
      'Check GITHUB_STEP_SUMMARY.',
      { cause },
    );
  }
}
