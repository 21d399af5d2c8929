// Owns: the approve_permission tool.
// Promises: the first answer wins; a later one is told how it was answered.
// Never: decides for the caller.
import { z } from 'zod';
import { permissionAnswerSchema } from '../../contract/manager.ts';
import { once } from '../../contract/once.ts';
import { changing, dataResult, defineTool } from '../tool.ts';

const description = `Answer a permission request that wait returned under pending_permissions. The worker stands still until it is answered.

Ask your user (for example with AskUserQuestion), showing the tool and its input, unless they told you what to allow; then call this with request_id and allow true or false, once for each request, and call wait again.

- reason: reaches the worker's model; with a denial, say what to do instead.
- scope: "once" (default); "worker" also allows later calls of this worker that match the request's suggested_rule; "all" those of every worker of this server. Only with your user's consent.

The first answer counts. A second one is an error that says how it was answered.`;

export const approvePermission = defineTool({
  name: 'approve_permission',
  title: 'Answer a permission request',
  description,
  annotations: changing,
  input: permissionAnswerSchema,
  output: once(() =>
    z.object({
      status: z.enum(['approved', 'denied']),
      request_id: z.string(),
      worker_id: z.string(),
      tool: z.string(),
    }),
  ),
  run: async (answer, { manager }) => dataResult(await manager.approve(answer)),
});
