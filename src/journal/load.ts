// Owns: one journal, read into a fold.
// Promises: what it returns belongs to the id that was asked for; a journal without a whole line is a worker that never was.
// Never: writes.
import { AworkersError } from '../contract/errors.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { journalPath } from './folder.ts';
import { type Fold, createFold } from './fold.ts';
import { type Replayed, replay } from './replay.ts';
import type { Chain } from './seal.ts';

export type Loaded = { readonly fold: Fold; readonly snapshot: WorkerSnapshot; readonly replayed: Replayed };

/** Undefined for a worker that never was. */
export async function load(dir: string, workerId: string, chain?: Chain): Promise<Loaded | undefined> {
  const path = journalPath(dir, workerId);
  const fold = createFold();
  const replayed = await replay(path, fold.apply, chain);
  if (replayed.events === 0) return undefined;
  const snapshot = fold.snapshot();
  if (snapshot.worker_id !== workerId) {
    throw new AworkersError(
      'io',
      `${path}, line 1: the journal of worker ${snapshot.worker_id}.`,
      'Give the file its name back.',
    );
  }
  return { fold, snapshot, replayed };
}
