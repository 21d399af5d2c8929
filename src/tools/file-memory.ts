// Owns: which files a worker has seen, in which state, and the order of writes to one file.
// Promises: a change by anyone else (an editor, a command, another worker) between Read and Edit is noticed by content;
// writes to one file by all workers of this process come one after the other.
// Never: keeps file contents.
import { createHash } from 'node:crypto';
import { ToolFailure } from './define-tool.ts';
import type { FileInfo } from './open-file.ts';

export class FileMemory {
  readonly #seen = new Map<string, string>();

  /** `bytes` is undefined for a file too large to be held: size and time stand for its content then. */
  remember(real: string, info: FileInfo, bytes: Buffer | undefined): void {
    this.#seen.set(real, fingerprint(info, bytes));
  }

  /** Throws unless the worker knows this very content. */
  requireFresh(real: string, info: FileInfo, bytes: Buffer | undefined, shown: string): void {
    const seen = this.#seen.get(real);
    if (seen === undefined) throw new ToolFailure(`${shown} exists and was not read yet. Read it first.`);
    if (seen === fingerprint(info, bytes)) return;
    throw new ToolFailure(`${shown} changed since it was read. Read it again, then repeat the change.`);
  }
}

const queues = new Map<string, Promise<unknown>>();

/** Runs `write` when every earlier one for this path has ended. */
export async function inOrder<T>(real: string, write: () => Promise<T>): Promise<T> {
  const turn = (queues.get(real) ?? Promise.resolve()).then(write);
  const settled = turn.then(forget, forget);
  queues.set(real, settled);
  return turn;

  function forget(): void {
    if (queues.get(real) === settled) queues.delete(real);
  }
}

function fingerprint(info: FileInfo, bytes: Buffer | undefined): string {
  return bytes === undefined ? `${info.size} ${info.modified}` : createHash('sha256').update(bytes).digest('base64');
}
