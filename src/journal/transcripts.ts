// Owns: when transcripts are written: one at a time per worker, as the worker stands when its turn comes.
// Promises: a call resolves when that state, or a newer one, is on disk; total cost stays linear in the conversation
// (a file over 256 kB is rewritten in mid-run only after it grew by a sixteenth; ends and questions are always written, and
// at once; what may wait takes a tenth of the time at most, however many workers there are).
// Never: keeps a worker after its transcript was written.
import { type WorkerSnapshot, isEnded } from '../contract/worker.ts';
import { transcriptPath } from './folder.ts';
import type { WorkerLog } from './log.ts';
import { createPace } from './pace.ts';
import { type Written, isWorthWriting, writeTranscript } from './transcript.ts';

export type Source = Pick<WorkerLog, 'worker_id' | 'snapshot' | 'position'>;

type Lane = {
  running: Promise<void>;
  next: Source | undefined;
  /** Somebody is told of this state, and may look. */
  urgent: boolean;
  readonly hurried: PromiseWithResolvers<void>;
};

export type Transcripts = {
  /** `soon`: it only serves a reader in mid-run, and may wait. */
  readonly write: (source: Source, when: 'now' | 'soon') => Promise<void>;
  /** Waits for what is being written. */
  readonly settle: () => Promise<void>;
};

/** `onWritten`: with the size of the journal that the snapshot is the fold of. */
export function createTranscripts(
  dir: string,
  instance: string,
  onWritten: (snapshot: WorkerSnapshot, bytes: number) => void,
): Transcripts {
  const lanes = new Map<string, Lane>();
  const written = new Map<string, Written>();
  const pace = createPace();

  function write(source: Source, when: 'now' | 'soon'): Promise<void> {
    const id = source.worker_id;
    const known = lanes.get(id);
    const lane = known ?? {
      running: Promise.resolve(),
      next: source,
      urgent: false,
      hurried: Promise.withResolvers<void>(),
    };
    lane.next = source;
    if (when === 'now') hurry(lane);
    if (known !== undefined) return known.running;
    lanes.set(id, lane);
    lane.running = run(id, lane);
    return lane.running;
  }

  async function run(id: string, lane: Lane): Promise<void> {
    try {
      while (lane.next !== undefined) {
        if (lane.urgent) await writeNext(id, lane);
        else await pace.take(() => writeNext(id, lane), lane.hurried.promise);
      }
    } finally {
      lanes.delete(id);
    }
  }

  async function writeNext(id: string, lane: Lane): Promise<void> {
    if (lane.next === undefined) return;
    const snapshot = lane.next.snapshot();
    const { bytes } = lane.next.position();
    lane.next = undefined;
    if (!isWorthWriting(snapshot, bytes, written.get(id))) return;
    const size = await writeTranscript(transcriptPath(dir, id), atThisMoment(snapshot), instance);
    if (isEnded(snapshot.state)) written.delete(id);
    else written.set(id, { bytes, size });
    onWritten(snapshot, bytes);
  }

  async function settle(): Promise<void> {
    for (const lane of lanes.values()) hurry(lane);
    await Promise.allSettled([...lanes.values()].map((lane) => lane.running));
  }

  return { write, settle };
}

function hurry(lane: Lane): void {
  lane.urgent = true;
  lane.hurried.resolve();
}

/** The history of a worker that has not ended goes on growing while the file is written. */
function atThisMoment(snapshot: WorkerSnapshot): WorkerSnapshot {
  if (isEnded(snapshot.state)) return snapshot;
  return { ...snapshot, history: { ...snapshot.history, messages: [...snapshot.history.messages] } };
}
