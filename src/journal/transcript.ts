// Owns: logs/worker-{id}.json: a snapshot as a person reads it.
// Promises: keys in the contract's order, messages last, indented by two, 0600; readers see the old file or the new one.
// It is rebuilt from the journal when lost, so it is not flushed to the device. Written piece by piece: a long conversation
// is never one string, and the event loop gets its turn.
// Never: changes a message.
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { isEnded, type WorkerSnapshot } from '../contract/worker.ts';
import { ioError } from './io-error.ts';

/** What fits into one is written in one step: each step is a trip to a thread (files.ts). */
const pieceSize = 512 * 1024;

/** The path must be absolute; `instance` keeps the unfinished files of two processes apart. */
export async function writeTranscript(path: string, snapshot: WorkerSnapshot, instance: string): Promise<number> {
  const pieces = transcriptPieces(snapshot);
  const unfinished = unfinishedPath(path, instance);
  try {
    let piece = pieces.next();
    if (piece.done === true) {
      await writeFile(unfinished, piece.value, { mode: 0o600 });
      await rename(unfinished, path);
      return Buffer.byteLength(piece.value);
    }
    const handle = await open(unfinished, 'w', 0o600);
    let size = 0;
    try {
      for (;;) {
        const data = Buffer.from(piece.value);
        for (let done = 0; done < data.length;) done += (await handle.write(data, done)).bytesWritten;
        size += data.length;
        if (piece.done === true) break;
        piece = pieces.next();
      }
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    return size;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw ioError(
      `write ${path}`,
      error,
      'The journal beside it is complete; the file is written again when it is read.',
    );
  }
}

function unfinishedPath(path: string, instance: string): string {
  return path.replace(/([^/\\]+)\.json$/, `.$1.${instance}.tmp`);
}

/** Messages that are laid out in one step. */
const stride = 8;

/** What stands around messages that are laid out at the depth that they have in the file. */
const [opening = '', closing = ''] = JSON.stringify([['messages']], null, 2).split('"messages"');

/** Pieces of bounded size, or a few messages. The last is returned. */
function* transcriptPieces(snapshot: WorkerSnapshot): Generator<string, string> {
  const { messages } = snapshot.history;
  const head = JSON.stringify(headOf(snapshot), null, 2);
  let text = `${head.slice(0, -2)},\n  "messages": [`;
  for (let from = 0; from < messages.length; from += stride) {
    const few = JSON.stringify([messages.slice(from, from + stride)], null, 2);
    text += `${from === 0 ? '' : ','}\n    ${few.slice(opening.length, -closing.length)}`;
    if (text.length > pieceSize) {
      yield text;
      text = '';
    }
  }
  return `${text}${messages.length === 0 ? '' : '\n  '}]\n}\n`;
}

/** What is undefined is left out by JSON. */
function headOf(snapshot: WorkerSnapshot): Readonly<Record<string, unknown>> {
  return {
    result: snapshot.result,
    session_id: snapshot.session_id,
    model: snapshot.plan.settings.model,
    total_cost_usd: snapshot.total_cost_usd,
    permission_denials: snapshot.permission_denials,
    worker_id: snapshot.worker_id,
    description: snapshot.description,
    status: snapshot.state,
    error_hint: snapshot.error_hint ?? null,
    structured_output: snapshot.structured_output ?? null,
    usage: snapshot.usage,
    num_turns: snapshot.num_turns,
    duration_ms: snapshot.duration_ms,
    started_at: snapshot.started_at,
    ended_at: snapshot.ended_at,
    options: snapshot.plan.options,
    notices: snapshot.plan.notices,
    agent_type: snapshot.plan.agent_type,
    parent_id: snapshot.plan.parent?.worker_id,
    children: snapshot.children.length === 0 ? undefined : snapshot.children,
    todos: snapshot.todos,
    worktree: snapshot.worktree,
  };
}

/** Always when somebody will look (an end, a question); in mid-run of a long conversation only when it grew by a sixteenth. */
export function isWorthWriting(snapshot: WorkerSnapshot, bytes: number, last: Written | undefined): boolean {
  if (last === undefined || snapshot.state === 'awaiting_permission' || isEnded(snapshot.state)) return true;
  return last.size < 256 * 1024 || bytes - last.bytes >= last.bytes / 16;
}

/** The journal's size and the transcript's when it was last written. */
export type Written = { readonly bytes: number; readonly size: number };
