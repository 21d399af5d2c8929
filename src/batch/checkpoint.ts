// Owns: what is known of each task from earlier runs: the results file, and beside it who was started (`<file>.started`).
// Promises: a worker is written down before it exists and its result when it has ended, so a process killed at any point leaves no
// task paid twice and none lost; of several lines of a task the last one counts.
// Never: lets two processes in.
import { statSync } from 'node:fs';
import { z } from 'zod';
import { AworkersError } from '../contract/errors.ts';
import { type TaskResult, taskResultSchema } from '../contract/task-result.ts';
import { takeFile } from '../journal/sole-writer.ts';
import type { BatchTask } from './expand.ts';
import { type LineFile, openLineFile } from './line-file.ts';

const startedSchema = z.object({ id: z.string(), hash: z.string(), worker_id: z.string(), at: z.string() });
type Started = Readonly<z.infer<typeof startedSchema>>;

type Known =
  | { readonly state: 'new' }
  /** Its worker was started and its end is not written down. */
  | { readonly state: 'begun'; readonly worker_id: string }
  | { readonly state: 'ended'; readonly result: TaskResult };

export type Checkpoint = {
  readonly known: (task: BatchTask) => Known;
  /** Of all lines, also of tasks that are no longer in the batch. */
  readonly spent: { readonly cost_usd: number; readonly turns: number };
  readonly started: (task: BatchTask, workerId: string, at: string) => void;
  readonly ended: (result: TaskResult) => void;
  readonly close: () => void;
};

/** Without a path nothing is kept. */
export function openCheckpoint(path: string | undefined): Checkpoint {
  if (path === undefined) {
    const nothing = () => undefined;
    return {
      known: () => ({ state: 'new' }),
      spent: { cost_usd: 0, turns: 0 },
      started: nothing,
      ended: nothing,
      close: nothing,
    };
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    const hint = 'Choose a file. For the lines alone, on stdout: --format jsonl, without --out.';
    throw new AworkersError('usage', `${path} is no regular file, and what --out names is read again.`, hint);
  }
  const release = takeFile(path);
  const opened: Pick<LineFile<unknown>, 'close'>[] = [];
  try {
    const results = openLineFile<TaskResult>(path, taskResultSchema());
    opened.push(results);
    const begun = openLineFile<Started>(`${path}.started`, startedSchema);
    opened.push(begun);
    return overFiles(results, begun, release);
  } catch (error) {
    for (const file of opened) file.close();
    release();
    throw error;
  }
}

function overFiles(results: LineFile<TaskResult>, begun: LineFile<Started>, release: () => void): Checkpoint {
  const lastResult = new Map(results.lines.map((line) => [line.id, line]));
  const lastStart = new Map(begun.lines.map((line) => [line.id, line]));
  return {
    spent: {
      cost_usd: results.lines.reduce((sum, line) => sum + (line.total_cost_usd ?? 0), 0),
      turns: results.lines.reduce((sum, line) => sum + line.num_turns, 0),
    },
    known: ({ id, hash }) => {
      const result = lastResult.get(id);
      const start = lastStart.get(id);
      if (start !== undefined && start.hash === hash && start.worker_id !== result?.worker_id) {
        return { state: 'begun', worker_id: start.worker_id };
      }
      return result?.hash === hash ? { state: 'ended', result } : { state: 'new' };
    },
    started: ({ id, hash }, worker_id, at) => begun.append({ id, hash, worker_id, at }),
    ended: (result) => results.append(result),
    close: () => {
      results.close();
      begun.close();
      release();
    },
  };
}
