// Owns: the words a script is written in: blocks and replies.
// Promises: plain data; empty ids and thinking signatures are filled in by the server when it sends.
// Never: I/O.
import type { WireBlock } from './request-shape.ts';
import type { Fault, Reply, ScriptedBlock, Step } from './sendable.ts';

export type ReplyExtras = Omit<Reply, 'kind' | 'content'>;

export function reply(
  content: string | ScriptedBlock | readonly (string | ScriptedBlock)[],
  extras: ReplyExtras = {},
): Reply {
  const list = typeof content === 'string' || 'kind' in content ? [content] : content;
  return { kind: 'reply', content: list.map((item) => (typeof item === 'string' ? text(item) : item)), ...extras };
}

/** The step as what is sent: a reply or a fault. */
export function toSendable(step: Step): Reply | Fault {
  return typeof step === 'object' && 'kind' in step && step.kind !== 'block' ? step : reply(step);
}

export function text(value: string, extra: { readonly citations?: readonly unknown[] } = {}): ScriptedBlock {
  return { kind: 'block', block: { type: 'text', text: value, ...extra } };
}

export type ToolUseExtras = Pick<ScriptedBlock, 'send' | 'rawInput'> & { readonly id?: string };

export function toolUse(
  name: string,
  input: Readonly<Record<string, unknown>>,
  extras: ToolUseExtras = {},
): ScriptedBlock {
  const { id, ...wire } = extras;
  return { kind: 'block', block: { type: 'tool_use', id: id ?? '', name, input, caller: { type: 'direct' } }, ...wire };
}

export function thinking(value: string): ScriptedBlock {
  return { kind: 'block', block: { type: 'thinking', thinking: value, signature: '' } };
}

export function redactedThinking(): ScriptedBlock {
  return { kind: 'block', block: { type: 'redacted_thinking', data: '' } };
}

export function serverToolUse(name: string, input: Readonly<Record<string, unknown>>, id: string): ScriptedBlock {
  return { kind: 'block', block: { type: 'server_tool_use', id, name, input, caller: { type: 'direct' } } };
}

export function serverToolResult(name: string, id: string, content: unknown): ScriptedBlock {
  return { kind: 'block', block: { type: `${name}_tool_result`, tool_use_id: id, content }, send: 'whole' };
}

/** Any block, sent whole on content_block_start; also of a type nobody knows. */
export function rawBlock(block: WireBlock): ScriptedBlock {
  return { kind: 'block', block, send: 'whole' };
}

/** HTTP 200 with stop_reason refusal; `content` is what was written before it. */
export function refusal(
  category: string | null = 'cyber',
  content: readonly (string | ScriptedBlock)[] = [],
  extras: ReplyExtras = {},
): Reply {
  const stopDetails = { type: 'refusal', category, explanation: 'This request was declined by a safety check.' };
  return reply(content, { stopReason: 'refusal', stopDetails, ...extras });
}

export function pauseTurn(content: readonly (string | ScriptedBlock)[]): Reply {
  return reply(content, { stopReason: 'pause_turn' });
}

export function compaction(summary: string): Reply {
  return reply([rawBlock({ type: 'compaction', content: summary })], { stopReason: 'compaction' });
}
