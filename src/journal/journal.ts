// Owns: the one writer of a worker's journal: place and time of each event, the queue, the first failed write.
// Promises: append resolves in call order, when the line would survive kill -9 (a plain write does); lines queued together
// are one write and at most one flush. Power loss: an event that changes the world is flushed before it is acted on, and
// so is an end; everything before it in the file is flushed with it (see needsFlush).
// Never: writes after a failed write, after the worker's end, or after close.
import { AworkersError } from '../contract/errors.ts';
import { type EventBody, type WorkerEvent, isEnd, journalVersion, withSeal } from '../contract/event.ts';
import type { Clock } from '../contract/ports.ts';
import type { Files } from './files.ts';
import { ioError } from './io-error.ts';
import type { Chain } from './seal.ts';

/** Of the last stored event; 0 and 0 before the first. */
export type Position = { readonly seq: number; readonly bytes: number };

export type JournalStart = {
  readonly path: string;
  readonly clock: Clock;
  readonly files: Files;
  readonly position: Position;
  /** Of the lines up to there. */
  readonly chain: Pick<Chain, 'write'>;
  /** Called for every stored event, in order, before its append resolves. */
  readonly onStored: (event: WorkerEvent) => void;
  /** Called once: nothing more will be written. */
  readonly onReleased: () => void;
};

export type Journal = {
  readonly path: string;
  readonly append: (event: EventBody) => Promise<WorkerEvent>;
  readonly position: () => Position;
  /** Waits for what is queued. Idempotent. */
  readonly close: () => Promise<void>;
};

type Entry = {
  readonly event: WorkerEvent;
  readonly line: string;
  readonly resolve: (event: WorkerEvent) => void;
  readonly reject: (error: unknown) => void;
};

const harmless: ReadonlySet<string> = new Set(['Read', 'Glob', 'Grep']);

/** A tool that only reads may run again after a power loss; any other must be known to have started. */
function needsFlush(event: EventBody): boolean {
  if (event.type === 'tool.started') return !harmless.has(event.tool);
  return isEnd(event);
}

export function createJournal(start: JournalStart): Journal {
  const { path, clock, files } = start;
  let { seq } = start.position;
  let stored = start.position;
  let queue: Entry[] = [];
  let draining: Promise<void> | undefined;
  /** Why nothing more is written. Made when somebody asks: an ended worker is the usual case, and an error is dear. */
  let refusal: (() => AworkersError) | undefined;
  let released = false;

  function append(event: EventBody): Promise<WorkerEvent> {
    if (refusal !== undefined) return Promise.reject(refusal());
    return new Promise((resolve, reject) => {
      const next = stamp(event, seq + 1, new Date(clock.now()).toISOString());
      const bare = JSON.stringify(next);
      const seal = start.chain.write(bare, next);
      const line = seal === undefined ? bare : withSeal(bare, seal);
      seq += 1;
      queue.push({ event: next, line: `${line}\n`, resolve, reject });
      if (isEnd(event)) refusal = () => ended(path);
      draining ??= drain();
    });
  }

  async function drain(): Promise<void> {
    await Promise.resolve(); // what is appended in the same tick is one write
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      let bytes: number | undefined;
      try {
        const grown = files.append(path, batch.map((entry) => entry.line).join(''));
        bytes = typeof grown === 'number' ? grown : await grown;
        if (batch.some((entry) => needsFlush(entry.event))) await files.flush(path);
      } catch (error) {
        fail(error, batch, bytes !== undefined);
        break;
      }
      commit(batch, bytes);
    }
    draining = undefined;
  }

  function commit(batch: readonly Entry[], bytes: number): void {
    stored = { seq: stored.seq + batch.length, bytes: stored.bytes + bytes };
    for (const entry of batch) start.onStored(entry.event);
    releaseIfOver();
    for (const entry of batch) entry.resolve(entry.event);
  }

  function fail(error: unknown, batch: readonly Entry[], written: boolean): void {
    const hint =
      stored.seq === 0
        ? 'The worker did not begin. Make room or mend the disk, then start it again.'
        : `Events 1 to ${stored.seq} are kept; the worker cannot go on. Make room or mend the disk, then resume it.`;
    const failure = ioError(`write ${path}`, error, hint);
    refusal = () => failure;
    // A line in part would be taken for a crash. A written end may already be another process's to continue: not cut.
    if (!written) cutBack(files, path, stored.bytes);
    const refused = [...batch, ...queue];
    queue = [];
    releaseIfOver();
    for (const entry of refused) entry.reject(failure);
  }

  /** Before the last append settles: whoever awaited it may take the worker again at once. */
  function releaseIfOver(): void {
    if (released || refusal === undefined || queue.length > 0) return;
    released = true;
    start.onReleased();
  }

  async function close(): Promise<void> {
    refusal ??= () =>
      new AworkersError('conflict', `The journal ${path} is closed.`, 'Take the worker again to go on.');
    await draining;
    releaseIfOver();
  }

  return { path, append, position: () => stored, close };
}

/** Ids stand at the head of the first line, where they can be read without the rest of it. */
function stamp(event: EventBody, seq: number, at: string): WorkerEvent {
  if (event.type !== 'worker.spawned') return { v: journalVersion, seq, at, ...event };
  const { type, worker_id, session_id, ...rest } = event;
  return { v: journalVersion, seq, at, type, worker_id, session_id, ...rest };
}

function ended(path: string): AworkersError {
  return new AworkersError('conflict', `The worker of ${path} has ended.`, 'Take it again to resume it.');
}

function cutBack(files: Files, path: string, bytes: number): void {
  try {
    files.truncate(path, bytes);
  } catch {
    // the disk that refused the write refuses this too: the torn line is cut when the worker is taken again
  }
}
