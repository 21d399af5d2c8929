// Owns: work that a worker gives to workers of its own, and the plan that it keeps, as data.
// Promises: enough to find and to go on with a child after a crash.
// Never: who runs it.
import { z } from 'zod';
import { once, type Read } from './once.ts';

/** How many generations stand below a worker that nobody's worker spawned. */
export const maxDepth = 2;

/** What a Task call asks for. */
export type ChildRequest = {
  readonly tool_use_id: string;
  readonly description: string;
  readonly prompt: string;
  readonly agent_type?: string | undefined;
  /** worker_id of a child that goes on instead. */
  readonly resume?: string | undefined;
};

/** `text`: its result, or what happened and what to try. */
export type ChildEnd = { readonly ok: boolean; readonly text: string };

/** Runs a child to its end; an abort ends the child, too. What goes wrong is a value. */
export type Delegate = (request: ChildRequest, signal: AbortSignal) => Promise<ChildEnd>;

/** A child as its parent's journal knows it. */
export type Child = {
  readonly worker_id: string;
  readonly description: string;
  readonly tool_use_id: string;
  /** What of its cost, its own children's included, is in the parent's; null: unknown. */
  readonly counted_usd: number | null;
};

export const todoStates = ['pending', 'in_progress', 'completed'] as const;

export const todosSchema = once(() =>
  z.array(
    z.strictObject({
      content: z.string().min(1).describe('Imperative: "Run the tests"'),
      status: z.enum(todoStates),
      activeForm: z.string().min(1).describe('"Running the tests"'),
    }),
  ),
);
export type Todos = Read<typeof todosSchema>;

/** "2/5 Running the tests": what is done of how many, and what is being done. */
export function todoLine(todos: Todos): string {
  const done = todos.filter(({ status }) => status === 'completed').length;
  const now = todos.find(({ status }) => status === 'in_progress')?.activeForm;
  return [`${done}/${todos.length}`, ...(now === undefined ? [] : [now])].join(' ').slice(0, 80).toWellFormed();
}
