// Owns: one request after its shape was checked, as every later check and the reply builder see it.
// Promises: messages are normalised once: string content is a text block.
// Never: changed after it was made.
import type { ModelRow } from './model-table.ts';
import type { Endpoint, RequestBody, WireBlock } from './request-shape.ts';

export type CallMessage = {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly WireBlock[];
};

export type Call = {
  readonly endpoint: Endpoint;
  readonly version: string;
  readonly betas: ReadonlySet<string>;
  readonly body: RequestBody;
  readonly model: ModelRow;
  readonly messages: readonly CallMessage[];
  readonly system: readonly WireBlock[];
  readonly tools: readonly Readonly<Record<string, unknown>>[];
};

export function blocksOf(content: string | readonly WireBlock[]): readonly WireBlock[] {
  return typeof content === 'string' ? (content === '' ? [] : [{ type: 'text', text: content }]) : content;
}

/** What thinking comes to when the default of the model is counted in. */
export function thinkingMode(call: Call): 'adaptive' | 'enabled' | 'off' {
  const asked = call.body.thinking?.type;
  if (asked === undefined) return call.model.thinkingDefault === 'on' ? 'adaptive' : 'off';
  return asked === 'adaptive' || asked === 'enabled' ? asked : 'off';
}

export function isThinking(block: WireBlock): boolean {
  return block.type === 'thinking' || block.type === 'redacted_thinking';
}

/** A message run: messages of one role in a row count as one, as the API joins them. */
export type Run = {
  readonly role: CallMessage['role'];
  /** Index of its first message, for error paths. */
  readonly index: number;
  readonly blocks: readonly { readonly block: WireBlock; readonly path: string }[];
};

export function runsOf(messages: readonly CallMessage[]): readonly Run[] {
  const runs: { role: CallMessage['role']; index: number; blocks: { block: WireBlock; path: string }[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = message.content.map((block, at) => ({ block, path: `messages.${index}.content.${at}` }));
    const last = runs.at(-1);
    if (last?.role === message.role) last.blocks.push(...blocks);
    else runs.push({ role: message.role, index, blocks });
  }
  return runs;
}
