// Owns: the stop_worker tool.
// Promises: when it returns, the worker's loop and processes are gone.
// Never: deletes anything: a stopped worker can be resumed.
import { z } from 'zod';
import { once } from '../../contract/once.ts';
import { changing, dataResult, defineTool } from '../tool.ts';
import { boundSummary, summarySchema } from './summary.ts';

const description = `End a worker now, its running commands included. Its conversation is kept and it can be resumed. A worker that has already ended stays as it is. Returns its summary.`;

const input = once(() => z.strictObject({ worker_id: z.string().min(1).describe('A worker_id or session_id.') }));

export const stopWorker = defineTool({
  name: 'stop_worker',
  title: 'Stop a worker',
  description,
  annotations: changing,
  input,
  output: summarySchema,
  run: async ({ worker_id }, { manager }) => dataResult(boundSummary(await manager.stop(worker_id))),
});
