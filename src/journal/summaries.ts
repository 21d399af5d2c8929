// Owns: the cache of summaries: in memory, and in .worker-index.jsonl for the next process, a line per ended worker.
// Promises: an entry counts only for the journal size it names, so losing or damaging the file costs time and nothing else.
// Never: is the truth: the journals are.
import { appendFileSync, closeSync, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { codeOf } from '../contract/errors.ts';
import { tryParse } from '../contract/parse.ts';
import { type Summary, summarySchema } from './summary.ts';

export type Summaries = {
  /** The entry made from a journal of this size. */
  get(workerId: string, size: number): Summary | undefined;
  /** Any entry, also an outdated one: ids never change. */
  known(workerId: string): Summary | undefined;
  /** `lasting`: also for the next process. */
  put(summary: Summary, lasting: boolean): void;
  /** Reads what other processes added. */
  refresh(): void;
};

export function createSummaries(dir: string): Summaries {
  const path = join(dir, '.worker-index.jsonl');
  const byId = new Map<string, Summary>();
  let readTo = 0;
  let lines = 0;

  function refresh(): void {
    const { data, size } = readFrom(path, readTo);
    if (size < readTo) {
      readTo = 0; // another process made it anew
      lines = 0;
      return refresh();
    }
    const end = data.lastIndexOf('\n') + 1;
    readTo += end;
    for (const line of data.toString('utf8', 0, end).split('\n')) take(line);
    if (lines > 2 * byId.size + 1000) compact();
  }

  function take(line: string): void {
    if (line === '') return;
    lines += 1;
    const summary = parseSummary(line);
    if (summary !== undefined && summary.size >= (byId.get(summary.worker_id)?.size ?? 0)) {
      byId.set(summary.worker_id, summary);
    }
  }

  /** A line that another process adds meanwhile is lost, and made again when it is missed. */
  function compact(): void {
    const text = [...byId.values()].map((summary) => `${JSON.stringify(summary)}\n`).join('');
    const unfinished = `${path}.${process.pid}.tmp`;
    attempt(() => {
      writeFileSync(unfinished, text, { mode: 0o600 });
      renameSync(unfinished, path);
      readTo = Buffer.byteLength(text);
      lines = byId.size;
    });
  }

  function put(summary: Summary, lasting: boolean): void {
    byId.set(summary.worker_id, summary);
    if (lasting) attempt(() => appendFileSync(path, `${JSON.stringify(summary)}\n`, { mode: 0o600 }));
  }

  return {
    get: (workerId, size) => {
      const summary = byId.get(workerId);
      return summary?.size === size ? summary : undefined;
    },
    known: (workerId) => byId.get(workerId),
    put,
    refresh,
  };
}

/** A cache that cannot be written (full or read-only disk) must not stop a worker. */
function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

function parseSummary(line: string): Summary | undefined {
  try {
    const parsed = tryParse(summarySchema(), JSON.parse(line));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined; // a damaged line of a cache: its journal is read instead
  }
}

function readFrom(path: string, from: number): { data: Buffer; size: number } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return { data: Buffer.alloc(0), size: 0 }; // none yet, or not readable: an empty cache
  }
  try {
    const { size } = fstatSync(fd);
    const data = Buffer.alloc(Math.max(0, size - from));
    const read = readSync(fd, data, 0, data.length, from);
    return { data: data.subarray(0, read), size };
  } finally {
    closeSync(fd);
  }
}
