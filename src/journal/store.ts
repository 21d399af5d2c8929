// Owns: the room's door: the logs directory as a store of workers.
// Promises: two processes never write one journal; what append returned from survives kill -9; a settled worker costs a
// line of memory and no descriptor; reading works while another process writes.
// Never: makes the directory before something is to be written, or keeps the process running.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { WorkerEvent } from '../contract/event.ts';
import type { Clock } from '../contract/ports.ts';
import { type CompletedEntry, type WorkerSnapshot, isEnded } from '../contract/worker.ts';
import { type Files, diskFiles } from './files.ts';
import { findWorker } from './find.ts';
import { journalPath, transcriptPath } from './folder.ts';
import { ioError } from './io-error.ts';
import type { WorkerLog } from './log.ts';
import { type Owner, enter, leave, ownInstance } from './owner.ts';
import { type Listing, listWorkers, readWorker } from './readers.ts';
import { requestStop, watchStops, withdrawStop } from './stop-requests.ts';
import { createSummaries } from './summaries.ts';
import { summaryOf } from './summary.ts';
import { createTranscripts } from './transcripts.ts';
import { type FirstEvent, createWriters } from './writers.ts';

export { createFold } from './fold.ts';
export type { WorkerLog } from './log.ts';
export { replay } from './replay.ts';

export type StoreStart = {
  readonly logsDir: string;
  readonly clock: Clock;
  /** Of the key that journals are sealed with, made at first use; absent: none is, and none that is taken is proven. */
  readonly keyFile?: string;
  /** Names this process among all that ever ran; default: made of place, boot, start time and chance. */
  readonly instance?: string;
  /** The disk; another one in tests and measurements. */
  readonly files?: Files;
};

export type Store = {
  /** Absolute. */
  readonly logsDir: string;
  /** For worker.spawned and worker.resumed. */
  readonly owner: Owner;
  /** Makes the directory now, to learn early that it cannot be used. */
  readonly makeReady: () => void;
  /** Absolute. */
  readonly paths: (workerId: string) => { readonly journal: string; readonly transcript: string };
  readonly create: (first: FirstEvent) => Promise<{ readonly log: WorkerLog; readonly event: WorkerEvent }>;
  /**
   * To resume an ended worker, or take over one whose process is dead. The first event must be worker.resumed; until it is
   * appended, nothing but a torn last line has changed. Throws 'conflict' naming the pid of a living owner.
   */
  readonly take: (workerId: string) => Promise<WorkerLog>;
  /** The worker_id that a worker_id, a session_id, or at least 6 first characters of one mean. */
  readonly find: (word: string) => string;
  readonly read: (word: string) => Promise<WorkerSnapshot>;
  readonly list: () => Promise<Listing>;
  /** Asks the living process that runs this worker to stop it. */
  readonly requestStop: (workerId: string, reason: string) => void;
  readonly withdrawStop: (workerId: string) => void;
  /** Requests of other processes for workers of this one. One listener; ends with the store. */
  readonly onStopRequest: (listener: (workerId: string, reason: string) => void) => void;
  /**
   * Resolves when its state or a newer one is on disk, or when that is not worth it yet. `soon`: it only serves a reader in
   * mid-run, and may wait (transcripts.ts).
   */
  readonly writeTranscript: (log: WorkerLog, when?: 'now' | 'soon') => Promise<void>;
  /** Returns the absolute path. */
  readonly writeManifest: (entries: readonly CompletedEntry[]) => Promise<string>;
  /** Gives up every worker, ended or not, and waits for transcripts. Idempotent. */
  readonly close: () => Promise<void>;
};

export function openStore(start: StoreStart): Store {
  const dir = resolve(start.logsDir);
  const owner: Owner = { pid: process.pid, instance: start.instance ?? ownInstance() };
  const summaries = createSummaries(dir);
  const transcripts = createTranscripts(dir, owner.instance, (snapshot, bytes) => {
    if (isEnded(snapshot.state)) summaries.put(summaryOf(snapshot, bytes, true), true);
  });
  const writers = createWriters(dir, start.keyFile, owner, start.clock, start.files ?? diskFiles);
  enter(owner.instance);

  function find(word: string): string {
    return findWorker(dir, word, (id) => summaries.known(id)?.session_id);
  }

  async function writeManifest(entries: readonly CompletedEntry[]): Promise<string> {
    writers.makeReady();
    const path = join(dir, `worker-manifest-${randomUUID()}.json`);
    try {
      await writeFile(path, `${JSON.stringify(entries, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      throw ioError(`write ${path}`, error, 'Make room, or read the workers one by one.');
    }
    return path;
  }

  let stops: { readonly close: () => void } | undefined;
  let onStop: ((workerId: string, reason: string) => void) | undefined;

  /** From the first worker on: only then are there workers to stop, and a directory to watch. */
  function watchForStops(): void {
    if (onStop === undefined || stops !== undefined) return;
    stops = watchStops(dir, (id) => writers.get(id) !== undefined, onStop);
  }

  async function create(first: FirstEvent): Promise<{ readonly log: WorkerLog; readonly event: WorkerEvent }> {
    const created = await writers.create(first);
    watchForStops();
    return created;
  }

  async function take(workerId: string): Promise<WorkerLog> {
    const log = await writers.take(workerId);
    watchForStops();
    return log;
  }

  async function close(): Promise<void> {
    stops?.close();
    await writers.close();
    await transcripts.settle();
    leave(owner.instance);
  }

  return {
    logsDir: dir,
    owner,
    makeReady: writers.makeReady,
    paths: (id) => ({ journal: journalPath(dir, id), transcript: transcriptPath(dir, id) }),
    create,
    take,
    find,
    read: async (word) => readWorker(dir, find(word), writers, summaries, transcripts),
    list: () => listWorkers(dir, writers, summaries),
    requestStop: (id, reason) => requestStop(dir, id, reason),
    withdrawStop: (id) => withdrawStop(dir, id),
    onStopRequest: (listener) => {
      onStop = listener;
    },
    writeTranscript: (log, when = 'now') => transcripts.write(log, when),
    writeManifest,
    close,
  };
}
