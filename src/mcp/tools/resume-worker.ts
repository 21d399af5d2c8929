// Owns: the resume_worker tool.
// Promises: the worker keeps its ids and its whole conversation.
// Never: waits for the answer.
import { resumeRequestSchema } from '../../contract/manager.ts';
import { changing, dataResult, defineTool } from '../tool.ts';
import { boundSpawned, spawnedSchema } from './spawned.ts';

const description = `Send a worker that has ended its next message. It goes on with its whole conversation, under the same worker_id, and joins the batch that wait waits for. Returns at once.

Works for completed, failed, stopped and interrupted workers, also from before a restart of this server: a follow-up question, a correction, a retry after a limit ("continue"). worker_id may be a session_id. options default to those of the worker; give only what should change (another model, a higher max_turns). A worker that is still running cannot be resumed: wait for it first.`;

export const resumeWorker = defineTool({
  name: 'resume_worker',
  title: 'Resume a worker',
  description,
  annotations: changing,
  input: resumeRequestSchema,
  output: spawnedSchema,
  run: async (request, { manager }) => dataResult(boundSpawned(await manager.resume(request))),
});
