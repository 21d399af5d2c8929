// Owns: the list_workers tool.
// Promises: newest first, as many as fit into 10 kB, and how many were left out.
// Never: reads a conversation.
import { z } from 'zod';
import { listFilterSchema } from '../../contract/manager.ts';
import { once } from '../../contract/once.ts';
import { resultLimit } from '../bound.ts';
import { jsonBytes } from '../json-size.ts';
import { dataResult, defineTool, readOnly } from '../tool.ts';
import { boundSummary, summarySchema } from './summary.ts';

const description = `List the workers of this server and of its logs folder, newest first, one line each: id, description, status, turns, cost, seconds, last activity. Also finds workers from before a restart, to read with wait (worker_ids) or to resume. status narrows the list: queued, running, awaiting_permission, completed, failed, stopped, interrupted. To get results call wait, not this in a loop.`;

export const listWorkers = defineTool({
  name: 'list_workers',
  title: 'List workers',
  description,
  annotations: readOnly,
  input: listFilterSchema,
  output: once(() =>
    z.object({
      workers: z.array(summarySchema()),
      omitted: z.int().optional().describe('Older ones that did not fit; narrow with status.'),
    }),
  ),
  run: async (filter, { manager }) => {
    const workers = (await manager.list(filter)).map(boundSummary);
    let room = resultLimit - 60;
    const cut = workers.findIndex((worker) => (room -= jsonBytes(worker) + 1) < 0);
    if (cut === -1) return dataResult({ workers });
    return dataResult({ workers: workers.slice(0, cut), omitted: workers.length - cut });
  },
});
