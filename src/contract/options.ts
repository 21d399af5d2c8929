// Owns: the options of a worker: names, ranges, one line of meaning each.
// Promises: what parses here is in range; nothing is defaulted here (negotiation and the agent file come later).
// Never: knows which model takes which option.
import { z } from 'zod';
import { once, type Read } from './once.ts';

export const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof efforts)[number];

export const permissionModes = ['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'] as const;
export type PermissionMode = (typeof permissionModes)[number];

export const workerOptionsSchema = once(() => {
  const thinking = z.union(
    [z.boolean(), z.strictObject({ budget_tokens: z.int().min(1024, 'must be at least 1024') })],
    {
      error: 'must be true, false or {"budget_tokens": n} with n >= 1024',
    },
  );
  const isolation = z.union(
    [z.literal('worktree'), z.strictObject({ type: z.literal('worktree'), dirty: z.boolean().optional() })],
    { error: 'must be "worktree" or {"type": "worktree", "dirty": true}' },
  );
  const positive = z.number().gt(0, 'must be greater than 0');
  const rules = z.array(z.string().min(1));

  return z.strictObject({
    model: z.string().min(1).optional().describe('Model id or alias (haiku, sonnet, opus, fable).'),
    temperature: z.number().min(0).max(1).optional().describe('0 to 1.'),
    top_p: z.number().min(0).max(1).optional().describe('0 to 1.'),
    top_k: z.int().min(1).optional().describe('At least 1.'),
    max_tokens: z.int().min(1).optional().describe('Per reply; default 32,000 or the cap of the model.'),
    thinking: thinking.optional().describe('true, false or {"budget_tokens": n >= 1024}.'),
    effort: z.enum(efforts).optional().describe('low, medium, high, xhigh or max.'),
    strict: z.boolean().optional().describe('Refuse instead of adapting an option that the model does not take.'),
    max_turns: z.int().min(1).optional().describe('Model replies before the worker is ended as failed.'),
    max_cost_usd: positive.optional().describe('Dollars before the worker is ended as failed.'),
    timeout_seconds: positive.optional().describe('Seconds before the worker is ended as failed.'),
    permission_mode: z
      .enum(permissionModes)
      .optional()
      .describe('default, acceptEdits, plan, dontAsk, bypassPermissions.'),
    allowed_tools: rules.optional().describe('Permission rules, e.g. "Read", "Bash(npm test:*)", "Edit(src/**)".'),
    disallowed_tools: rules.optional().describe('Permission rules that deny; a bare tool name removes the tool.'),
    cwd: z.string().min(1).optional().describe('Working directory; must exist.'),
    isolation: isolation
      .optional()
      .describe(
        '"worktree": edit in a git worktree based on HEAD; {"type": "worktree", "dirty": true}: with what is not committed.',
      ),
    output_schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema that the result must satisfy.'),
  });
});

export type WorkerOptions = Read<typeof workerOptionsSchema>;

export const optionNames = once(() => Object.keys(workerOptionsSchema().shape) as readonly (keyof WorkerOptions)[]);

/** What was asked, what will be sent, and why they differ. `sent` null: the option is left out. */
export const noticeSchema = once(() =>
  z.object({
    option: z.string(),
    requested: z.unknown(),
    sent: z.unknown(),
    reason: z.string(),
  }),
);
export type Notice = {
  readonly option: string;
  readonly requested: unknown;
  readonly sent: unknown;
  readonly reason: string;
};
