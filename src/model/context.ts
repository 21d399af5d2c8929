// Owns: what the server is asked to do when a conversation nears the window of its model.
// Promises: asked only where host and model have it, and only for long conversations; the server decides by its own count of
// tokens, so an early ask costs nothing; what was sent before is sent again unchanged.
// Never: shortens a message here.
import type { Message } from '../contract/message.ts';
import { type FactTable, factsOf } from './facts.ts';
import type { Fault } from './fault.ts';
import type { Host } from './host.ts';

export type ContextEdit = {
  /** Bytes of messages from which on it is asked for. */
  readonly fromBytes: number;
  readonly beta: string;
  readonly edit: Readonly<Record<string, unknown>>;
};

/** The least that the API takes. */
const leastTrigger = 50_000;
/** What a turn may add (200,000 characters of tool output) must still fit above the trigger. */
const triggerShare = 0.6;

/** Null: the model or the host has no such means, or they are not known to. */
export function contextEdit(id: string, facts: FactTable, host: Host): ContextEdit | null {
  const model = factsOf(id, facts);
  if (model === undefined || !(host.anthropic || facts.context_edit_hosts === 'any')) return null;
  const trigger = Math.max(leastTrigger, Math.floor(model.context_window * triggerShare));
  if (trigger >= model.context_window) return null;
  // No script has many more tokens than bytes: the trigger itself can not be passed below this.
  const fromBytes = Math.floor(trigger / 2);
  const at = { type: 'input_tokens', value: trigger };
  switch (model.context_edit) {
    case 'compact':
      return { fromBytes, beta: 'compact-2026-01-12', edit: { type: 'compact_20260112', trigger: at } };
    case 'clear_tool_uses':
      return {
        fromBytes,
        beta: 'context-management-2025-06-27',
        edit: { type: 'clear_tool_uses_20250919', trigger: at },
      };
    case 'none':
      return null;
  }
}

/** A summary that an earlier reply brought is only understood by a request that asks for summaries. */
export function holdsCompaction(messages: readonly Message[]): boolean {
  return messages.some(
    ({ role, content }) =>
      role === 'assistant' && typeof content !== 'string' && content.some(({ type }) => type === 'compaction'),
  );
}

/** The API does not know the means after all: it has no code for that. */
export function refusesContextEdit(fault: Fault): boolean {
  return fault.status === 400 && /context_management|compact|clear_tool_uses|anthropic-beta/i.test(fault.message);
}
