// Owns: what the workers of a batch say while they run: retries and denials on stderr under the id of their task, and with
// stream-json every event on stdout; and what their results will tell of their replies.
// Promises: an event that comes before its worker is known here waits for it; a worker that has ended costs nothing more.
import type { BatchTask } from '../batch/expand.ts';
import type { WorkerEvent } from '../contract/event.ts';
import type { Spawned } from '../contract/manager.ts';
import type { Notice } from '../contract/options.ts';
import { oneLine } from './one-line.ts';
import type { Output } from './render.ts';
import { addToTally, emptyTally, type ReplyTally } from './reply-tally.ts';
import { type RunWatch, watchRun } from './watch-run.ts';

export type BatchWatch = {
  readonly begun: (task: BatchTask, spawned: Spawned) => void;
  readonly event: (event: WorkerEvent, workerId: string) => void;
  readonly ended: (workerId: string) => void;
  /** Of the events that were told here; undefined: of none. */
  readonly followed: (workerId: string) => ReplyTally | undefined;
  /** Flags that would have allowed what nobody was there to approve. */
  readonly flags: ReadonlySet<string>;
};

/** `said`: notices that were shown before the first worker began. */
export function batchWatch(out: Output, stream: boolean, said: readonly Notice[]): BatchWatch {
  const known = new Set(said.map((notice) => JSON.stringify(notice)));
  const watches = new Map<string, RunWatch>();
  const early = new Map<string, WorkerEvent[]>();
  const tallies = new Map<string, ReplyTally>();
  const flags = new Set<string>();
  return {
    flags,
    begun: (task, spawned) => {
      const id = oneLine(task.id, 60);
      const named: Output = { ...out, note: (text) => out.note(`${id}: ${text}`) };
      const notices = spawned.notices.filter((notice) => !known.has(JSON.stringify(notice)));
      const watch = watchRun(named, { ...spawned, notices }, { stream, live: false });
      watches.set(spawned.worker_id, watch);
      for (const event of early.get(spawned.worker_id) ?? []) watch.onEvent(event);
      early.delete(spawned.worker_id);
    },
    followed: (workerId) => tallies.get(workerId),
    event: (event, workerId) => {
      const tally = tallies.get(workerId) ?? emptyTally();
      tallies.set(workerId, tally);
      addToTally(tally, event);
      const watch = watches.get(workerId);
      if (watch !== undefined) return watch.onEvent(event);
      const waiting = early.get(workerId);
      if (waiting === undefined) early.set(workerId, [event]);
      else waiting.push(event);
    },
    ended: (workerId) => {
      for (const flag of watches.get(workerId)?.unapproved ?? []) if (flag !== undefined) flags.add(flag);
      watches.delete(workerId);
      tallies.delete(workerId);
    },
  };
}
