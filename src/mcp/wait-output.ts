// Owns: what the wait tool returns: the schema that is listed, and its types.
// Promises: fields that bounding may take away are optional here; what always stays is required.
// Never: decides what is taken away (bound.ts).
import { z } from 'zod';
import { once, type Read } from '../contract/once.ts';
import { errorTypes, workerStates } from '../contract/worker.ts';

export const waitOutputSchema = once(() => {
  const worktree = z.object({
    path: z.string(),
    branch: z.string(),
    base: z.string(),
    changed: z.boolean().nullable(),
    kept: z.boolean().describe('false: nothing changed, and it is removed.'),
    diffstat: z.string(),
    apply_command: z.string().nullable(),
    problem: z.string().optional(),
  });

  const completed = z.object({
    worker_id: z.string(),
    conversation_history_file_path: z
      .string()
      .describe('The whole conversation and result, as JSON; the result comes first, the last message last.'),
    session_id: z.string().optional(),
    description: z.string().optional(),
    result_preview: z.string().optional(),
    result: z.string().optional().describe('With include_results; a cut one ends with a marker.'),
    structured_output: z.unknown().optional(),
    model: z.string().optional(),
    num_turns: z.int().optional(),
    total_cost_usd: z.number().nullable().optional().describe('null: the price of the model is not known.'),
    duration_ms: z.number().optional(),
    permission_denials: z.int().optional(),
    worktree: worktree
      .optional()
      .describe('With isolation: where the changes are. Show diffstat, then run apply_command.'),
  });

  const failed = completed.partial({ conversation_history_file_path: true }).extend({
    error_type: z.string().describe(`${errorTypes.slice(0, 5).join(', ')}, … or an error type of the API.`),
    error_hint: z.string().describe('What happened and what to try.'),
  });

  const pending = z.object({
    request_id: z.string().describe('For approve_permission.'),
    worker_id: z.string(),
    tool: z.string(),
    input: z.unknown().describe('Cut, with a marker, when it is long.'),
    description: z.string().optional(),
    reason: z.string().optional(),
    suggested_rule: z.string().nullable().optional(),
  });

  const running = z.object({
    worker_id: z.string(),
    status: z.enum(workerStates),
    description: z.string().optional(),
    num_turns: z.int().optional(),
  });

  return z.object({
    completed: z.array(completed),
    failed: z.array(failed),
    pending_permissions: z.array(pending),
    running: z.array(running),
    running_omitted: z.int().optional().describe('How many more are running; see list_workers.'),
    manifest_path: z.string().optional().describe('JSON file with the completed entries that did not fit here.'),
    manifest_count: z.int().optional(),
    manifest_error: z.string().optional(),
  });
});

export type WaitOutput = Read<typeof waitOutputSchema>;
