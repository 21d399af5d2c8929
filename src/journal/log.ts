// Owns: a worker's journal and its fold, held together: what the manager appends to and reads from.
// Promises: the snapshot holds exactly the stored events; an event is in it before its append resolves.
// Never: lets a journal that was taken from another process go on without saying so in it first.
import { AworkersError } from '../contract/errors.ts';
import type { EventBody, WorkerEvent } from '../contract/event.ts';
import type { History } from '../contract/history.ts';
import type { Clock } from '../contract/ports.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import type { Claim } from './claim.ts';
import type { Files } from './files.ts';
import type { Fold } from './fold.ts';
import { type Position, createJournal } from './journal.ts';
import type { Owner } from './owner.ts';
import type { Chain } from './seal.ts';

export type WorkerLog = {
  readonly worker_id: string;
  /** Absolute. */
  readonly path: string;
  /** Of a log that was taken: what a crash left behind the last whole line, cut off. */
  readonly torn_bytes: number;
  /** What stood in it when it was taken was written by this user's aworkers. */
  readonly proven: boolean;
  readonly append: (event: EventBody) => Promise<WorkerEvent>;
  /** Of the snapshot; live: it grows with the next event. */
  readonly history: History;
  readonly snapshot: () => WorkerSnapshot;
  readonly position: () => Position;
  /** Waits for what is queued, then gives the worker up: another process may take it. Idempotent. */
  readonly close: () => Promise<void>;
};

export type LogStart = {
  readonly worker_id: string;
  readonly path: string;
  readonly torn_bytes: number;
  readonly position: Position;
  readonly fold: Fold;
  readonly chain: Chain;
  readonly self: Owner;
  /** Held until the journal names the new owner. */
  readonly claim: Claim | undefined;
  readonly clock: Clock;
  readonly files: Files;
  readonly onReleased: () => void;
};

export function createLog(start: LogStart): WorkerLog {
  const { fold, self } = start;
  let claim = start.claim;
  let first = true;

  const journal = createJournal({
    path: start.path,
    clock: start.clock,
    files: start.files,
    position: start.position,
    chain: start.chain,
    onStored: (event) => {
      fold.apply(event);
      claim?.fulfil();
      claim = undefined;
    },
    onReleased: () => {
      claim?.withdraw();
      claim = undefined;
      start.onReleased();
    },
  });

  function append(event: EventBody): Promise<WorkerEvent> {
    if (first && !namesOwner(event, self)) return Promise.reject(unowned(event));
    first = false;
    return journal.append(event);
  }

  return {
    worker_id: start.worker_id,
    path: start.path,
    torn_bytes: start.torn_bytes,
    proven: start.chain.isProven(),
    append,
    history: fold.history,
    snapshot: fold.snapshot,
    position: journal.position,
    close: journal.close,
  };
}

function namesOwner(event: EventBody, self: Owner): boolean {
  if (event.type !== 'worker.spawned' && event.type !== 'worker.resumed') return false;
  return event.owner.instance === self.instance && event.owner.pid === self.pid;
}

function unowned(event: EventBody): AworkersError {
  return new AworkersError(
    'internal',
    `A journal must name this process as its owner before ${event.type}.`,
    'Append worker.resumed with the owner of the store first.',
  );
}
