// Owns: a journal file, read: bytes -> lines -> events, checked.
// Promises: linear in the size of the file, whatever the length of a line, and the event loop gets its turn; a last line
// without a newline never happened; anything else that is not the next event is an error with file and line.
// Never: changes the file, skips a line, or changes a value on the way (the schema checks; JSON.parse gives the value).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { AworkersError, codeOf, errorText } from '../contract/errors.ts';
import { type WorkerEvent, journalVersion, unsealed, workerEventSchema } from '../contract/event.ts';
import { tryParse } from '../contract/parse.ts';
import { ioError } from './io-error.ts';
import type { Chain } from './seal.ts';

export type Replayed = {
  readonly events: number;
  /** Of whole lines. */
  readonly bytes: number;
  /** After the last whole line. */
  readonly torn: number;
};

const chunkSize = 256 * 1024;
const newline = 0x0a;

/** Hands over each event in order, to `chain` with its line. A missing file is 'not_found'. */
export async function replay(
  path: string,
  onEvent: (event: WorkerEvent) => void,
  chain?: Pick<Chain, 'read'>,
): Promise<Replayed> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let events = 0;
  const torn = await eachLine(path, (line) => {
    const { event, text, seal } = parseLine(line, (bytes) => decoder.decode(bytes), path, events + 1);
    events += 1;
    chain?.read(text, seal, event);
    onEvent(event);
  });
  return { events, ...torn };
}

async function eachLine(path: string, onLine: (line: Uint8Array) => void): Promise<{ bytes: number; torn: number }> {
  const fd = openToRead(path);
  let parts: Buffer[] = [];
  let bytes = 0;
  let carried = 0;
  try {
    const room = Math.min(chunkSize, fstatSync(fd).size + 1);
    for (;;) {
      const buffer = Buffer.allocUnsafe(room);
      const chunk = buffer.subarray(0, readSync(fd, buffer, 0, room, null));
      if (chunk.length === 0) return { bytes, torn: carried };
      let from = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
        const rest = chunk.subarray(from, end);
        onLine(parts.length === 0 ? rest : Buffer.concat([...parts, rest]));
        bytes += carried + rest.length + 1;
        parts = [];
        carried = 0;
        from = end + 1;
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
      carried += chunk.length - from;
      if (chunk.length === chunkSize) await setImmediate();
    }
  } catch (error) {
    throw error instanceof AworkersError ? error : ioError(`read ${path}`, error, 'Check the disk.');
  } finally {
    closeSync(fd);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new AworkersError('not_found', `There is no journal ${path}.`, 'Check the logs directory.', {
        cause: error,
      });
    }
    throw ioError(`open ${path}`, error, 'Check who may read it.');
  }
}

type Parsed = { readonly event: WorkerEvent; readonly text: string; readonly seal: string | undefined };

function parseLine(bytes: Uint8Array, decode: (bytes: Uint8Array) => string, path: string, number: number): Parsed {
  let value: unknown;
  let text: string;
  let seal: string | undefined;
  try {
    ({ line: text, seal } = unsealed(decode(bytes)));
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, number, errorText(error), error);
  }
  if (typeof value === 'object' && value !== null && 'v' in value && value.v !== journalVersion) {
    throw new AworkersError(
      'io',
      `${path}, line ${number}: written in journal version ${String(value.v)}; this program reads version ${journalVersion}.`,
      'Use the version of aworkers that wrote it.',
    );
  }
  const parsed = tryParse(workerEventSchema(), value);
  if (!parsed.ok) throw damaged(path, number, parsed.problems.join('; '));
  const event = value as WorkerEvent;
  if (event.seq !== number) throw damaged(path, number, `event ${event.seq} stands where ${number} belongs`);
  if ((event.type === 'worker.spawned') !== (number === 1)) {
    throw damaged(path, number, `${event.type} cannot stand here`);
  }
  return { event, text, seal };
}

function damaged(path: string, line: number, problem: string, cause?: unknown): AworkersError {
  return new AworkersError(
    'io',
    `${path}, line ${line}: not a journal line (${problem.slice(0, 200)}).`,
    'The file was changed or damaged. Restore it, or move it away to leave this worker out.',
    { cause },
  );
}
