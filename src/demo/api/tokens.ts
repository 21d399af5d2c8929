// Owns: the estimate of tokens that this server bills by: characters / 4.
// Promises: cache marks weigh nothing; the sum over blocks is the weight of the prompt.
// Never: a real tokenizer.
import type { Call } from './call.ts';
import { canonical } from './prefix-chain.ts';
import type { WireBlock } from './request-shape.ts';

export function weightOf(block: Readonly<Record<string, unknown>>): number {
  const { text } = block;
  return typeof text === 'string' && block['type'] === 'text' ? text.length : canonical(block).length;
}

export function toTokens(weight: number): number {
  return Math.ceil(weight / 4);
}

export function promptTokens(call: Call): number {
  const blocks = [...call.tools, ...call.system, ...call.messages.flatMap((message) => message.content)];
  return toTokens(blocks.reduce((sum, block) => sum + weightOf(block), 0));
}

export function outputTokens(content: readonly WireBlock[]): { readonly total: number; readonly thinking: number } {
  const weigh = (blocks: readonly WireBlock[]): number =>
    toTokens(blocks.reduce((sum, block) => sum + spoken(block), 0));
  const thinking = weigh(content.filter((block) => block.type === 'thinking'));
  return { total: thinking + weigh(content.filter((block) => block.type !== 'thinking')), thinking };
}

/** What the model wrote of a block: its text, its thinking, or its tool input; not ids and signatures. */
function spoken(block: WireBlock): number {
  if (typeof block['thinking'] === 'string') return block['thinking'].length;
  if (typeof block['text'] === 'string') return block['text'].length;
  return JSON.stringify(block['input'] ?? block).length;
}
