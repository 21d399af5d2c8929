// Owns: what stdout gets of a batch, in each format.
// Promises: results alone, whole, earlier ones too, so that the same command gives the same answer however often it was interrupted;
// the objects are those of the results file.
// Never: writes to stderr.
import type { BatchTask } from '../batch/expand.ts';
import type { Spawned } from '../contract/manager.ts';
import type { TaskResult } from '../contract/task-result.ts';
import type { Output } from './render.ts';
import type { RunFormat } from './worker-run.ts';

export type BatchOutput = {
  readonly begun: (task: BatchTask, spawned: Spawned) => void;
  readonly ended: (result: TaskResult) => void;
  readonly finish: (results: readonly TaskResult[]) => void;
};

/** `inFile`: the results are in a file, so the text format leaves them there. */
export function batchOutput(out: Output, format: RunFormat, total: number, inFile: boolean): BatchOutput {
  const json = (value: unknown) => out.json(JSON.stringify(value));
  return {
    begun: (task, { worker_id, session_id }) => {
      if (format !== 'stream-json') return;
      json({ type: 'system', subtype: 'task_started', task_id: task.id, worker_id, session_id });
    },
    ended: (result) => {
      if (format === 'jsonl' || format === 'stream-json') json(result);
      if (format !== 'text' || inFile) return;
      if (total === 1) return result.result === '' ? undefined : out.result(result.result);
      const body = result.result === '' ? '' : `\n${result.result}`;
      const why = result.status === 'failed' ? `\n[failed: ${result.error_hint ?? ''}]` : '';
      out.result(`=== ${result.id}${body}${why}\n\n`);
    },
    finish: (results) => {
      if (format === 'json') out.json(JSON.stringify(results, null, 2));
    },
  };
}
