// Owns: one worker from spawn (or resume) to its end, in the foreground: what it prints and the exit code.
// Promises: stdout carries the result alone; an interrupt stops the worker as resumable and says how to go on.
// Never: parses flags; knows where the prompt came from.
import { dirname } from 'node:path';
import type { Spawned, WorkerManager } from '../contract/manager.ts';
import { printable } from '../contract/printable.ts';
import { counted } from '../contract/text.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { App, AppConfig } from '../app-config.ts';
import { canPrompt, terminalApprover } from './approver.ts';
import { dollars, seconds, worktreeLines } from './event-lines.ts';
import { exitCodeOf } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { readJournal } from './journal-file.ts';
import { type LiveStatus, liveStatus } from './live-status.ts';
import type { Output, Paint } from './render.ts';
import { tallyOf } from './reply-tally.ts';
import { resumeCommand } from './resume-command.ts';
import { resultMessage } from './result-message.ts';
import { watchInterrupts } from './signals.ts';
import { type RunWatch, watchRun } from './watch-run.ts';

export const runFormats = ['text', 'json', 'jsonl', 'stream-json'] as const;
export type RunFormat = (typeof runFormats)[number];

/** What a run of one worker and a batch have in common. */
export type Run = {
  readonly io: CliIo;
  readonly out: Output;
  readonly format: RunFormat;
  readonly allowDenials: boolean;
  readonly config: (approver: AppConfig['approver']) => AppConfig;
};

export type WorkerRun = Run & { readonly begin: (manager: WorkerManager) => Promise<Spawned> };

export async function runWorker(run: WorkerRun): Promise<number> {
  const { io, out } = run;
  const interrupts = watchInterrupts(io, () => out.note('Interrupted: ending the worker. Once more ends at once.'));
  try {
    const approver = canPrompt(io) ? terminalApprover(io, out, interrupts.interrupt) : 'nobody';
    const app = await io.openApp(run.config(approver));
    try {
      return await runIn(app, run, interrupts.signal);
    } finally {
      await app.close('the run has ended');
    }
  } finally {
    interrupts.release();
  }
}

async function runIn({ manager }: App, run: WorkerRun, signal: AbortSignal): Promise<number> {
  const { io, out, format } = run;
  const early: Parameters<Parameters<WorkerManager['subscribe']>[0]>[] = [];
  let deliver: (typeof early)[number] extends infer E ? (entry: E) => void : never = (entry) => early.push(entry);
  let status: LiveStatus | undefined;
  const unsubscribe = manager.subscribe((event, workerId) => deliver([event, workerId]));
  try {
    const spawned = await run.begin(manager);
    const live = format === 'text' && io.stderr.isTTY === true;
    if (live) status = liveStatus(out);
    const watch = watchRun(out, spawned, { stream: format === 'stream-json', live });
    deliver = ([event, workerId]) => {
      // Others here are its children: only what nobody could approve for them is told.
      if (workerId !== spawned.worker_id)
        return event.type.startsWith('permission.') ? watch.onEvent(event) : undefined;
      watch.onEvent(event);
      status?.onEvent(event);
    };
    for (const entry of early) deliver(entry);
    await endOrStop(manager, spawned.worker_id, signal);
    status?.stop();
    return await finish(manager, spawned, run, watch, signal.aborted);
  } finally {
    unsubscribe();
    status?.stop();
  }
}

async function endOrStop(manager: WorkerManager, id: string, signal: AbortSignal): Promise<void> {
  const interrupted = Promise.withResolvers<void>();
  const interrupt = () => interrupted.resolve();
  signal.addEventListener('abort', interrupt, { once: true });
  if (!signal.aborted) await Promise.race([manager.ended(id), interrupted.promise]);
  signal.removeEventListener('abort', interrupt);
  if (signal.aborted) await manager.stop(id, 'interrupted by the user');
}

async function finish(
  manager: WorkerManager,
  spawned: Spawned,
  run: WorkerRun,
  watch: RunWatch,
  interrupted: boolean,
): Promise<number> {
  const { out, format } = run;
  const worker = await manager.read(spawned.worker_id);
  const transcript = spawned.conversation_history_file_path;
  if (format === 'text') {
    if (worker.result !== '') out.result(worker.result);
  } else {
    const replies = tallyOf(await readJournal(manager.journalPath(worker.worker_id)));
    const message = resultMessage(worker, replies, transcript);
    out.json(JSON.stringify(message, null, format === 'json' ? 2 : undefined));
  }
  for (const line of endLines(worker, watch, transcript, run)) out.note(line);
  const outcome = {
    status: worker.state,
    unapproved: watch.unapproved.length,
    failedChecks: 0,
    ...(worker.error_type === undefined ? {} : { error_type: worker.error_type }),
  };
  return exitCodeOf([outcome], { allowDenials: run.allowDenials, interrupted });
}

function endLines(worker: WorkerSnapshot, watch: RunWatch, transcript: string, run: WorkerRun): string[] {
  const paint = run.out.paintNote;
  const done = worker.state === 'completed';
  const head = done ? paint('green', worker.state) : paint('red', worker.state);
  const facts = [
    counted(worker.num_turns, 'turn'),
    dollars(worker.total_cost_usd),
    seconds(worker.duration_ms),
    printable(worker.plan.settings.model),
    printable(transcript),
  ];
  return [
    ...(worker.error_hint === undefined || done ? [] : [`${reasonOf(worker, paint)}${printable(worker.error_hint)}`]),
    ...denialSummary(watch.unapproved, run),
    ...(worker.worktree === undefined ? [] : worktreeLines(worker.worktree)),
    `${head}  ${paint('dim', facts.join(', '))}`,
    ...(done ? [] : [`Go on with: ${resumeCommand(worker.worker_id, dirname(transcript), run.io)}`]),
  ];
}

/** A stopped worker's hint says so itself. */
function reasonOf({ state, error_type }: WorkerSnapshot, paint: Paint): string {
  return state === 'failed' && error_type !== undefined ? `${paint('red', error_type)}: ` : '';
}

function denialSummary(unapproved: RunWatch['unapproved'], { out, allowDenials }: WorkerRun): string[] {
  const count = unapproved.length;
  if (count === 0) return [];
  const flags = [...new Set(unapproved.filter((flag) => flag !== undefined))];
  const head = `${counted(count, 'tool call')} ${count === 1 ? 'was' : 'were'} denied because nobody could approve.`;
  const again = flags.length === 0 ? 'Run it in a terminal to be asked' : `Run again with: ${flags.join(' ')}`;
  return [`${out.paintNote('red', head)} ${again}${allowDenials ? '' : '; or accept it with --allow-denials'}.`];
}
