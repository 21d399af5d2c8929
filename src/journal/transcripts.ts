// Owns: when transcripts are written: one at a time per worker, the newest snapshot wins.
// Promises: a call resolves when its snapshot, or a newer one, is on disk; total cost stays linear in the conversation
// (a file over 256 kB is rewritten in mid-run only after it grew by a sixteenth; ends and questions are always written, and
// at once; what is written in mid-run takes a tenth of the time at most, however many workers there are).
// Never: keeps a snapshot after it was written.
import { type WorkerSnapshot, isEnded } from '../contract/worker.ts';
import { transcriptPath } from './folder.ts';
import { createPace } from './pace.ts';
import { type Written, isWorthWriting, writeTranscript } from './transcript.ts';

type Job = { readonly snapshot: WorkerSnapshot; readonly bytes: number };
type Lane = { running: Promise<void>; next: Job | undefined; readonly hurried: PromiseWithResolvers<void> };

export type Transcripts = {
  /** `bytes`: the size of the journal that the snapshot is the fold of. */
  readonly write: (snapshot: WorkerSnapshot, bytes: number) => Promise<void>;
  /** Waits for what is being written. */
  readonly settle: () => Promise<void>;
};

export function createTranscripts(dir: string, instance: string, onWritten: (job: Job) => void): Transcripts {
  const lanes = new Map<string, Lane>();
  const written = new Map<string, Written>();
  const pace = createPace();

  function write(snapshot: WorkerSnapshot, bytes: number): Promise<void> {
    const id = snapshot.worker_id;
    const lane = lanes.get(id);
    if (lane === undefined && !isWorthWriting(snapshot, bytes, written.get(id))) return Promise.resolve();
    const job = { snapshot: atThisMoment(snapshot), bytes };
    if (lane !== undefined) {
      lane.next = job;
      if (isUrgent(snapshot)) lane.hurried.resolve();
      return lane.running;
    }
    const opened: Lane = { running: Promise.resolve(), next: job, hurried: Promise.withResolvers() };
    if (isUrgent(snapshot)) opened.hurried.resolve();
    lanes.set(id, opened);
    opened.running = run(id, opened).finally(() => lanes.delete(id));
    return opened.running;
  }

  async function run(id: string, lane: Lane): Promise<void> {
    while (lane.next !== undefined) {
      if (isUrgent(lane.next.snapshot)) await writeNext(id, lane);
      else await pace.take(() => writeNext(id, lane), lane.hurried.promise);
    }
  }

  async function writeNext(id: string, lane: Lane): Promise<void> {
    const job = lane.next;
    if (job === undefined) return;
    lane.next = undefined;
    const size = await writeTranscript(transcriptPath(dir, id), job.snapshot, instance);
    if (isEnded(job.snapshot.state)) written.delete(id);
    else written.set(id, { bytes: job.bytes, size });
    onWritten(job);
  }

  async function settle(): Promise<void> {
    for (const lane of lanes.values()) lane.hurried.resolve();
    await Promise.allSettled([...lanes.values()].map((lane) => lane.running));
  }

  return { write, settle };
}

/** Somebody is told of this state, and may look. */
function isUrgent(snapshot: WorkerSnapshot): boolean {
  return isEnded(snapshot.state) || snapshot.pending.length > 0;
}

/** The history of a worker that has not ended goes on growing while the file waits to be written. */
function atThisMoment(snapshot: WorkerSnapshot): WorkerSnapshot {
  if (isEnded(snapshot.state)) return snapshot;
  return { ...snapshot, history: { ...snapshot.history, messages: [...snapshot.history.messages] } };
}
