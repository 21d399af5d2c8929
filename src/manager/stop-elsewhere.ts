// Owns: stopping a worker that this process does not run.
// Promises: a living owner is asked, and its end awaited; a worker whose process is gone while it waited for a permission is
// taken and ended here; one that has ended is returned as it is.
// Never: signals a process.
import { settleUnfinished } from '../agent/settle.ts';
import { AworkersError } from '../contract/errors.ts';
import type { Clock } from '../contract/ports.ts';
import { isEnded, type WorkerSnapshot } from '../contract/worker.ts';
import type { EventBody } from '../contract/event.ts';
import type { Store, WorkerLog } from '../journal/store.ts';

/** A worker that this process has just become the owner of. */
export type Taken = { readonly log: WorkerLog; readonly record: (event: EventBody) => Promise<void> };

/** Milliseconds. */
const patienceMs = 5_000;
const intervalMs = 50;

export async function stopElsewhere(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  take: () => Promise<Taken>,
  workerId: string,
  reason: string,
): Promise<WorkerSnapshot> {
  const before = await store.read(workerId);
  if (isEnded(before.state)) return before;
  const orphan = before.state === 'awaiting_permission' ? await takeOrphan(take) : undefined;
  if (orphan !== undefined) return endHere(orphan, store, reason);
  store.requestStop(workerId, reason);
  for (let waited = 0; waited < patienceMs; waited += intervalMs) {
    await clock.sleep(intervalMs);
    const now = await store.read(workerId);
    if (isEnded(now.state)) return now;
  }
  store.withdrawStop(workerId);
  throw new AworkersError(
    'conflict',
    `Worker ${workerId} is still ${before.state}: process ${before.owner.pid}, which runs it, did not answer in ${patienceMs / 1_000} s.`,
    'Look at that process, or end it and all its workers: aworkers stop ID --process.',
  );
}

async function takeOrphan(take: () => Promise<Taken>): Promise<Taken | undefined> {
  try {
    return await take();
  } catch (error) {
    if (error instanceof AworkersError && error.code === 'conflict') return undefined; // its owner lives
    throw error;
  }
}

async function endHere({ log, record }: Taken, store: Store, reason: string): Promise<WorkerSnapshot> {
  await settleUnfinished({ history: log.history, record }, 'The worker was stopped');
  await record({ type: 'worker.stopped', reason });
  await store.writeTranscript(log);
  await log.close();
  return log.snapshot();
}
