// Owns: the TodoWrite tool: the plan that a worker keeps.
// Promises: the call itself is the plan: whoever shows it reads it from the history; each call replaces the one before.
// Never: stores anything.
import { z } from 'zod';
import { todoLine, todosSchema } from '../contract/delegate.ts';
import type { Tool } from '../contract/ports.ts';
import { bindTool } from './define-tool.ts';

export const todoWriteDefinition = {
  name: 'TodoWrite',
  description:
    'Keep the list of steps of a longer task, whole each time; one step in_progress at a time. Others watch it.',
  input: z.strictObject({ todos: todosSchema() }),
  access: 'read',
} as const;

export function todoWriteTool(): Tool {
  return bindTool(todoWriteDefinition, { run: async ({ todos }) => `Noted: ${todoLine(todos)}` });
}
