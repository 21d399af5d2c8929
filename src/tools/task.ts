// Owns: the Task tool: handing a part of the work to a worker of one's own.
// Promises: the child's final text, bounded, and the path of its log; a child that failed is an error that says how to go on.
// Never: runs the child (the manager does), or gives it more than its parent has.
import { z } from 'zod';
import type { Delegate } from '../contract/delegate.ts';
import type { Tool } from '../contract/ports.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { boundText } from './truncate.ts';

export const taskDefinition = {
  name: 'Task',
  description:
    'Give a self-contained part of the work to a worker of your own and get its result. Several calls in one turn run side by side. It sees nothing of this conversation, has no more permissions than you, and its cost counts as yours.',
  input: z.strictObject({
    description: z.string().min(1).describe('3 to 5 words'),
    prompt: z.string().min(1).describe('Everything it needs: goal, files, what to report'),
    subagent_type: z.string().min(1).optional().describe('general-purpose (default), Explore or an agent name'),
    resume: z.string().min(1).optional().describe('worker_id of an earlier one: it goes on with this prompt'),
  }),
  access: 'execute',
  sideBySide: true,
} as const;

export function taskTool({ limits }: ToolContext, delegate: Delegate): Tool {
  return bindTool(taskDefinition, {
    async run({ description, prompt, subagent_type, resume }, signal, { tool_use_id }) {
      const end = await delegate({ tool_use_id, description, prompt, agent_type: subagent_type, resume }, signal);
      const bounds = { bytes: limits.outputBytes, lines: limits.outputLines };
      const text = boundText(end.text, bounds, 'Its log has the rest.');
      if (!end.ok) throw new ToolFailure(text);
      return text;
    },
  });
}
