// Owns: the logs this process writes: creating, taking, giving up.
// Promises: a worker belongs to the process its journal names until it has ended, its log is closed, or that process is
// dead; then exactly one process can take it. A torn last line is cut by the one that took it.
// Never: writes to a worker of another living process.
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { AworkersError } from '../contract/errors.ts';
import type { EventOf, WorkerEvent } from '../contract/event.ts';
import type { Clock } from '../contract/ports.ts';
import { type WorkerSnapshot, isEnded } from '../contract/worker.ts';
import { claim, heldBy } from './claim.ts';
import type { Files } from './files.ts';
import { missing } from './find.ts';
import { isWorkerId, journalPath, makeFolder, sweep, workerIdsIn } from './folder.ts';
import { createFold } from './fold.ts';
import { ioError } from './io-error.ts';
import { type Lease, beats, startLease } from './lease.ts';
import { journalKey } from './key.ts';
import { type Loaded, load } from './load.ts';
import { type LogStart, type WorkerLog, createLog } from './log.ts';
import { type Owner, isAlive } from './owner.ts';
import { type Chain, createChain } from './seal.ts';

export type FirstEvent = Omit<EventOf<'worker.spawned'>, 'v' | 'seq' | 'at'>;

export type Writers = {
  readonly create: (first: FirstEvent) => Promise<{ readonly log: WorkerLog; readonly event: WorkerEvent }>;
  readonly take: (workerId: string) => Promise<WorkerLog>;
  /** The log this process has open. */
  readonly get: (workerId: string) => WorkerLog | undefined;
  /** Whether a process has the worker of this snapshot in hand. */
  readonly isHeld: (snapshot: Pick<WorkerSnapshot, 'worker_id' | 'owner'>) => boolean;
  readonly makeReady: () => void;
  readonly close: () => Promise<void>;
};

/** `keyFile`: of the user's key; undefined: nothing is sealed. */
export function createWriters(
  dir: string,
  keyFile: string | undefined,
  self: Owner,
  clock: Clock,
  files: Files,
): Writers {
  const open = new Map<string, WorkerLog>();
  let lease: Lease | undefined;
  let closed = false;
  let key: { readonly value: ReturnType<typeof journalKey> } | undefined;

  /** The key is read with the first journal: a server that only shakes hands makes none. */
  function chainOf(id: string): Chain {
    key ??= { value: keyFile === undefined ? undefined : journalKey(keyFile) };
    return createChain(key.value, id);
  }

  async function create(first: FirstEvent): Promise<{ log: WorkerLog; event: WorkerEvent }> {
    const id = first.worker_id;
    if (!isWorkerId(id))
      throw new AworkersError('internal', `"${id}" is not a worker id.`, 'Use a UUID in lower case.');
    makeReady();
    const chain = chainOf(id);
    const path = journalPath(dir, id);
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      throw ioError(`create ${path}`, error, 'Check the logs directory.');
    }
    const log = begin(id, {
      position: { seq: 0, bytes: 0 },
      torn_bytes: 0,
      fold: createFold(),
      chain,
      claim: undefined,
    });
    try {
      return { log, event: await log.append(first) };
    } catch (error) {
      await log.close();
      rmSync(path, { force: true });
      throw error;
    }
  }

  async function take(id: string): Promise<WorkerLog> {
    for (;;) {
      const before = stateOf(dir, id);
      const chain = chainOf(id);
      const loaded = before === undefined ? undefined : await load(dir, id, chain);
      if (loaded === undefined) throw missing(dir, id, workerIdsIn(dir));
      const { snapshot } = loaded;
      if (open.has(id)) throw heldBy(id, self);
      if (!isEnded(snapshot.state) && isHeld(snapshot)) throw heldBy(id, snapshot.owner);
      makeReady();
      const moved = () => stateOf(dir, id) !== before;
      try {
        const held = claim({ dir, workerId: id, seq: snapshot.last_seq, last: snapshot.owner, self, isAlive: lives });
        if (!moved()) return continueFrom(id, loaded, chain, held);
        held.withdraw(); // somebody else took it, and perhaps gave it up again, since it was read
      } catch (error) {
        if (!moved()) throw error; // else the claim met here may be another latecomer's: the journal names the winner
      }
    }
  }

  function continueFrom(id: string, { fold, replayed }: Loaded, chain: Chain, held: LogStart['claim']): WorkerLog {
    try {
      if (replayed.torn > 0) files.truncate(journalPath(dir, id), replayed.bytes);
    } catch (error) {
      held?.withdraw();
      throw ioError(`cut the torn last line of ${journalPath(dir, id)}`, error, 'Check the disk.');
    }
    const position = { seq: replayed.events, bytes: replayed.bytes };
    return begin(id, { position, torn_bytes: replayed.torn, fold, chain, claim: held });
  }

  function begin(id: string, start: Pick<LogStart, 'position' | 'torn_bytes' | 'fold' | 'chain' | 'claim'>): WorkerLog {
    const log = createLog({
      ...start,
      worker_id: id,
      path: journalPath(dir, id),
      self,
      clock,
      files,
      onReleased: () => open.delete(id),
    });
    open.set(id, log);
    return log;
  }

  function lives(owner: Owner): boolean {
    return isAlive(owner, (instance) => beats(dir, instance));
  }

  function isHeld({ worker_id: id, owner }: Pick<WorkerSnapshot, 'worker_id' | 'owner'>): boolean {
    return owner.instance === self.instance ? open.has(id) : lives(owner);
  }

  function makeReady(): void {
    if (closed) {
      throw new AworkersError('conflict', 'The logs are closed: this process is ending.', 'Resume the worker later.');
    }
    // Somebody may have removed the folder since.
    if (lease !== undefined && existsSync(dir)) return;
    makeFolder(dir);
    if (lease !== undefined) return;
    try {
      lease = startLease(dir, self.instance);
      sweep(dir);
    } catch (error) {
      throw ioError(`write into the logs directory ${dir}`, error, 'Make room, or choose another with --logs-dir.');
    }
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.all([...open.values()].map((log) => log.close()));
    lease?.stop();
  }

  return { create, take, get: (id) => open.get(id), isHeld, makeReady, close };
}

/** Any change of the file changes this. */
function stateOf(dir: string, id: string): string | undefined {
  const stat = statSync(journalPath(dir, id), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
