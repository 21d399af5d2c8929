// Owns: a batch in the foreground, from its flags to its exit code.
// Promises: nothing is sent before every task, flag and place for output was judged; stdout carries results alone; whatever ends the
// run, the results file and the reports say what there is, and stderr how to go on.
// Never: runs a worker itself (the engine does).
import { resolve } from 'node:path';
import { type App, defaultConcurrency } from '../app-config.ts';
import { openCheckpoint } from '../batch/checkpoint.ts';
import { type BatchEnd, type BatchListener, runBatch, type Stop } from '../batch/engine.ts';
import type { BatchTask } from '../batch/expand.ts';
import type { Description } from '../batch/task-run.ts';
import { systemClock } from '../clock.ts';
import type { AworkersError } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { printable } from '../contract/printable.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { checkOutput, mismatch } from '../structured-output.ts';
import { canPrompt, terminalApprover } from './approver.ts';
import { batchOutput } from './batch-output.ts';
import { batchProgress } from './batch-progress.ts';
import { checkPlaces, writeReports } from './batch-report.ts';
import { summaryLines } from './batch-summary.ts';
import { type Asked, batchTasks, preflight } from './batch-tasks.ts';
import { batchWatch } from './batch-watch.ts';
import { exitCodeOf, type Outcome } from './exit-code.ts';
import { readJournal } from './journal-file.ts';
import { type ReplyTally, tallyOf } from './reply-tally.ts';
import { resultMessage } from './result-message.ts';
import { watchInterrupts } from './signals.ts';
import { noticeText } from './watch-run.ts';
import type { Run } from './worker-run.ts';

export type BatchRun = Run & { readonly asked: Asked };

export async function runBatchCommand(run: BatchRun): Promise<number> {
  const { io, out, asked } = run;
  const tasks = await batchTasks(asked, io);
  await checkPlaces(asked.flags, io);
  const interrupts = watchInterrupts(io, () => out.note('Interrupted: ending the run. Once more ends at once.'));
  try {
    const config = run.config(canPrompt(io) ? terminalApprover(io, out, interrupts.interrupt) : 'nobody');
    const app = await io.openApp(config);
    try {
      return await runIn(app, tasks, run, config.maxConcurrency ?? defaultConcurrency, interrupts.signal);
    } finally {
      await app.close('The run has ended.');
    }
  } finally {
    interrupts.release();
  }
}

async function runIn(
  app: App,
  tasks: readonly BatchTask[],
  run: BatchRun,
  concurrency: number,
  signal: AbortSignal,
): Promise<number> {
  const { io, out, asked, format } = run;
  const { flags, limits } = asked;
  const planned = await preflight(app, tasks);
  for (const { notice, tasks: count } of planned) {
    const whom = count === 1 ? '' : ` (${count} tasks)`;
    out.note(`${out.paintNote('yellow', 'notice')}${whom} ${noticeText(notice)}`);
  }
  const checkpoint = openCheckpoint(flags.out === undefined ? undefined : resolve(io.cwd, flags.out));
  const live = io.stderr.isTTY === true;
  const progress = batchProgress(out, tasks.length, live);
  const output = batchOutput(out, format, tasks.length, flags.out !== undefined);
  const watch = batchWatch(
    out,
    format === 'stream-json',
    planned.map(({ notice }) => notice),
  );
  const listener: BatchListener = {
    begun: (task, spawned) => {
      progress.begun();
      output.begun(task, spawned);
      watch.begun(task, spawned);
    },
    event: (task, event, workerId) => {
      progress.event(event);
      watch.event(event, workerId);
    },
    ended: (_, result, earlier) => {
      watch.ended(result.worker_id);
      output.ended(result);
      progress.ended(result, earlier);
    },
    unfinished: () => progress.unfinished(),
    stopping: (stop) => progress.stopping(stop),
  };
  try {
    const end = await runBatch(
      tasks,
      { ...limits, concurrency, failFast: flags['fail-fast'], retryFailed: flags['retry-failed'] },
      {
        manager: app.manager,
        checkpoint,
        checks: { runCommand: app.runCommand, jsonProblems, mismatch },
        describe: (worker) => describe(app.manager, worker, watch.followed(worker.worker_id)),
        newId: () => crypto.randomUUID(),
        now: () => new Date(systemClock.now()).toISOString(),
        clock: systemClock,
      },
      listener,
      signal,
    );
    progress.stop();
    output.finish(end.results);
    const unwritten = await report(end, tasks, run, app.manager);
    for (const line of summaryLines(end, run, watch.flags)) out.note(line);
    for (const { text } of unwritten) out.note(`${out.paintNote('red', 'aworkers:')} ${printable(text)}`);
    return codeOf(end, run, signal.aborted, unwritten.length > 0);
  } finally {
    progress.stop();
    checkpoint.close();
  }
}

async function jsonProblems(schema: Readonly<Record<string, unknown>>, text: string): Promise<readonly string[]> {
  const checked = await checkOutput(schema, text);
  return checked.ok ? [] : checked.problems;
}

/** A worker that was followed from its first event needs no look into its journal. */
async function describe(
  manager: WorkerManager,
  worker: WorkerSnapshot,
  followed: ReplyTally | undefined,
): Promise<Description> {
  const whole = followed?.seen === worker.last_seq;
  const replies = whole ? followed : tallyOf(await readJournal(manager.journalPath(worker.worker_id)));
  const message = resultMessage(worker, replies, manager.transcriptPath(worker.worker_id));
  return { message, unapproved: replies.unapproved };
}

async function report(
  { results, unfinished, stopped }: BatchEnd,
  tasks: readonly BatchTask[],
  run: BatchRun,
  manager: WorkerManager,
): Promise<readonly AworkersError[]> {
  const { io, out, asked } = run;
  const places = new Map(tasks.map((task) => [task.id, task.place]));
  const given = {
    name: asked.flags.file ?? 'prompt',
    results,
    unfinished: unfinished.map(({ id, combination, place: { file, line } }) => ({ id, combination, file, line })),
    ...(stopped === undefined ? {} : { stopped: stopped.reason }),
    lineOf: (id: string) => (asked.flags.file === undefined ? undefined : places.get(id)),
  };
  return await writeReports(given, { junit: asked.flags.junit, report: asked.flags.report }, manager, io, out);
}

function codeOf(
  { results, stopped }: BatchEnd,
  { allowDenials }: BatchRun,
  interrupted: boolean,
  unwritten: boolean,
): number {
  const outcomes = results.map(({ status, error_type, unapproved, checks }): Outcome => ({
    status,
    ...(error_type === undefined ? {} : { error_type }),
    unapproved,
    failedChecks: checks.filter(({ passed }) => !passed).length,
  }));
  const failed = { status: 'failed', unapproved: 0, failedChecks: 0 } as const;
  return exitCodeOf([...outcomes, ...accountOutcome(stopped), ...(unwritten ? [failed] : [])], {
    allowDenials,
    interrupted,
    budgetReached: stopped?.type === 'cost' || stopped?.type === 'turns',
    timedOut: stopped?.type === 'timeout',
  });
}

function accountOutcome(stopped: Stop | undefined): Outcome[] {
  if (stopped?.type !== 'account') return [];
  const { error_type = 'authentication_error' } = stopped;
  return [{ status: 'failed', error_type, unapproved: 0, failedChecks: 0 }];
}
