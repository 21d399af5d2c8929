// Owns: the spawn_worker tool.
// Promises: the first text block is the bare worker id; the second, only if there are notices, is their JSON.
// Never: waits for the worker.
import { taskSchema } from '../../contract/task.ts';
import { changing, defineTool } from '../tool.ts';
import { boundSpawned, spawnedSchema } from './spawned.ts';

const description = `Start a worker: another Claude with its own context that does one task in the background with tools of its own (Bash, Read, Write, Edit, Glob, Grep). Returns its worker_id at once; spawn as many as the work has independent parts, then call wait once for all of them.

Delegate what can be told in one message and takes more than a few steps: research, reading much code, one change of many alike, a second opinion, the same task under other settings. Do yourself what is one or two tool calls.

- description: 3 to 5 words. prompt: everything the worker needs (goal, files, what to report); it sees nothing of this conversation.
- agent_type: "general-purpose" (default, all tools), "Explore" (reads only), the name or .md path of an agent file, or a text that is the worker's role ("You are a security auditor ...").
- options: model (haiku, sonnet, opus, fable or an id), temperature, top_p, top_k, thinking (true, false or {"budget_tokens": n}), effort, max_tokens; limits max_turns, max_cost_usd, timeout_seconds; cwd; isolation "worktree" for edits side by side; output_schema for a JSON result; strict to refuse rather than adapt.

A notice in the result names an option that the model does not take as asked, what is sent instead, and why. Over the concurrency cap a worker is queued, never refused. What a worker may not do by itself comes back from wait as pending_permissions.`;

export const spawnWorker = defineTool({
  name: 'spawn_worker',
  title: 'Spawn a worker',
  description,
  annotations: changing,
  input: taskSchema,
  output: spawnedSchema,
  run: async (task, { manager }) => {
    const spawned = boundSpawned(await manager.spawn(task));
    const notices = spawned.notices.length === 0 ? [] : [JSON.stringify(spawned.notices)];
    return {
      content: [spawned.worker_id, ...notices].map((text) => ({ type: 'text', text })),
      structuredContent: { ...spawned },
    };
  },
});
