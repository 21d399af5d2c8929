// Owns: reading workers that this process may or may not run: one whole, all in a line each.
// Promises: a worker in hand is read from memory, an ended one in list from its summary, any other from its journal; one
// damaged journal does not hide the others; a missing or outdated transcript is written again when nobody else would.
// Never: waits for or changes a worker of another living process.
import { existsSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { errorText } from '../contract/errors.ts';
import { type WorkerSnapshot, type WorkerSummary, isEnded } from '../contract/worker.ts';
import { missing } from './find.ts';
import { journalPath, transcriptPath, workerIdsIn } from './folder.ts';
import { load } from './load.ts';
import { asSeen } from './seen.ts';
import type { Summaries } from './summaries.ts';
import { type Summary, lineOf, summaryOf } from './summary.ts';
import type { Transcripts } from './transcripts.ts';
import type { Writers } from './writers.ts';

export type Listing = {
  /** Newest first. */
  readonly workers: readonly WorkerSummary[];
  readonly unreadable: readonly { readonly worker_id: string; readonly problem: string }[];
};

/** So many workers are listed before others get their turn. */
const sliceSize = 200;

export async function readWorker(
  dir: string,
  id: string,
  writers: Writers,
  summaries: Summaries,
  transcripts: Transcripts,
): Promise<WorkerSnapshot> {
  const log = writers.get(id);
  if (log !== undefined) return log.snapshot();
  const loaded = await load(dir, id);
  if (loaded === undefined) throw missing(dir, id, workerIdsIn(dir));
  const held = !isEnded(loaded.snapshot.state) && writers.isHeld(loaded.snapshot);
  const seen = asSeen(loaded.snapshot, held);
  const size = loaded.replayed.bytes + loaded.replayed.torn;
  const fresh = summaries.get(id, size)?.transcript === true && existsSync(transcriptPath(dir, id));
  if (!held && !fresh) await mend(seen, size, summaries, transcripts);
  return seen;
}

async function mend(
  snapshot: WorkerSnapshot,
  size: number,
  summaries: Summaries,
  transcripts: Transcripts,
): Promise<void> {
  try {
    const { worker_id, last_seq: seq } = snapshot;
    await transcripts.write({ worker_id, snapshot: () => snapshot, position: () => ({ seq, bytes: size }) }, 'now');
    summaries.put(summaryOf(snapshot, size, true), true);
  } catch (error) {
    errorText(error); // reading must work where writing does not (a full or read-only disk)
  }
}

export async function listWorkers(dir: string, writers: Writers, summaries: Summaries): Promise<Listing> {
  summaries.refresh();
  const found: { readonly summary: Summary; readonly held: boolean }[] = [];
  const unreadable: { worker_id: string; problem: string }[] = [];
  const isHeld = askedOnce(writers);
  for (const [index, id] of workerIdsIn(dir).entries()) {
    if (index % sliceSize === sliceSize - 1) await setImmediate();
    try {
      const summary = await summarise(dir, id, writers, summaries, isHeld);
      if (summary === undefined) continue;
      found.push({ summary, held: !isEnded(summary.state) && isHeld(summary) });
    } catch (error) {
      unreadable.push({ worker_id: id, problem: errorText(error) });
    }
  }
  found.sort((a, b) => (a.summary.started_at < b.summary.started_at ? 1 : -1));
  return { workers: found.map(({ summary, held }) => lineOf(summary, held)), unreadable };
}

/** Thousands of workers may name the same dead process. */
function askedOnce(writers: Writers): Writers['isHeld'] {
  const answers = new Map<string, boolean>();
  return (worker) => {
    if (writers.get(worker.worker_id) !== undefined) return true;
    const { instance } = worker.owner;
    const held = answers.get(instance) ?? writers.isHeld(worker);
    answers.set(instance, held);
    return held;
  };
}

/** Undefined: removed meanwhile, or never begun. */
async function summarise(
  dir: string,
  id: string,
  writers: Writers,
  summaries: Summaries,
  isHeld: Writers['isHeld'],
): Promise<Summary | undefined> {
  const log = writers.get(id);
  if (log !== undefined && log.position().seq > 0) return summaryOf(log.snapshot(), log.position().bytes, false);
  const size = statSync(journalPath(dir, id), { throwIfNoEntry: false })?.size;
  if (size === undefined || size === 0) return undefined;
  const known = summaries.get(id, size);
  if (known !== undefined) return known;
  const loaded = await load(dir, id);
  if (loaded === undefined) return undefined;
  const summary = summaryOf(loaded.snapshot, loaded.replayed.bytes + loaded.replayed.torn, false);
  summaries.put(summary, isEnded(summary.state) || !isHeld(summary));
  return summary;
}
