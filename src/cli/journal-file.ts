// Owns: reading a worker's journal as a stream of events, to its end or as it grows.
// Promises: whole lines only; a torn last line is waited for, or left out; a line that is no event is an error with its number.
// Never: writes; holds the file open longer than the caller reads.
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AworkersError, errorText } from '../contract/errors.ts';
import { unsealed, type WorkerEvent, workerEventSchema } from '../contract/event.ts';

const pollMs = 100;
const chunkBytes = 256 * 1024;

export async function readJournal(path: string): Promise<readonly WorkerEvent[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const lines = text.split('\n').slice(0, -1); // what stands behind the last line break never happened
  return lines.map((line, index) => eventOf(line, path, index + 1));
}

export type Follow = {
  /** Asked at every end of the file: false ends the stream. */
  readonly goOn: () => Promise<boolean>;
  readonly signal?: AbortSignal;
};

export async function* followJournal(path: string, follow: Follow): AsyncGenerator<WorkerEvent> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const buffer = Buffer.alloc(chunkBytes);
  let rest = Buffer.alloc(0);
  let line = 0;
  let last = false;
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) {
        if (last || follow.signal?.aborted === true) return;
        last = !(await follow.goOn()); // what was written before the answer is still read
        if (last) continue;
        await sleep(pollMs, undefined, { signal: follow.signal }).catch(() => undefined); // an abort ends at the next end of file
        continue;
      }
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        line += 1;
        yield eventOf(rest.subarray(0, end).toString('utf8'), path, line);
        rest = rest.subarray(end + 1);
      }
    }
  } finally {
    await file.close();
  }
}

function unreadable(path: string, cause: unknown): AworkersError {
  return new AworkersError(
    'not_found',
    `The journal ${path} cannot be read: ${errorText(cause)}.`,
    'Check --logs-dir.',
    { cause },
  );
}

function eventOf(text: string, path: string, line: number): WorkerEvent {
  try {
    const event: unknown = JSON.parse(unsealed(text).line);
    workerEventSchema().parse(event);
    return event as WorkerEvent; // as written: what the schema passes over (key order, fields of blocks) stays
  } catch (cause) {
    const message = `${path}, line ${line}, is not an event of this version.`;
    throw new AworkersError('io', message, 'It was changed or is damaged; the lines before it were read.', { cause });
  }
}
