// Owns: turning a scripted reply into the message the API would send: ids, signatures, usage, stop reason.
// Promises: ids are unique; every thinking block is sealed under the prefix it stands after.
// Never: I/O.
import { type Call, isThinking } from './call.ts';
import { transformations } from './check-history.ts';
import { chainsOf, link } from './prefix-chain.ts';
import type { CacheUsage } from './prompt-cache.ts';
import type { WireBlock } from './request-shape.ts';
import type { Reply, ScriptedBlock } from './sendable.ts';
import { sealRedacted, signThinking } from './signature.ts';
import { outputTokens } from './tokens.ts';

export type SentBlock = Omit<ScriptedBlock, 'kind'>;

export type BuiltMessage = {
  readonly head: Readonly<Record<string, unknown>>;
  readonly blocks: readonly SentBlock[];
  readonly stop: {
    readonly stop_reason: string | null;
    readonly stop_sequence: string | null;
    readonly stop_details: unknown;
    readonly container: null;
  };
  readonly usage: Readonly<Record<string, unknown>>;
  /** Hash of the conversation with this reply at its end. */
  readonly chainAfter: string;
};

/** `number` makes ids unique: one per request of the server. */
export function buildMessage(call: Call, reply: Reply, cache: CacheUsage, number: number): BuiltMessage {
  const { blocks, chain } = finish(call, reply.content, number);
  const content = blocks.map(({ block }) => block);
  const tokens = outputTokens(content);
  const { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens, ...input } = cache;
  const reports = call.betas.has('thinking-binding-controls-2026-08-01');
  return {
    head: {
      id: `msg_${serial(number)}`,
      type: 'message',
      role: 'assistant',
      model: reply.model ?? call.model.also[0] ?? call.model.id,
      container: null,
      diagnostics: null,
      ...(reports ? { input_transformations: transformations(call) } : {}),
    },
    blocks,
    stop: {
      stop_reason: reply.stopReason === undefined ? naturalStop(content) : reply.stopReason,
      stop_sequence: reply.stopSequence ?? null,
      stop_details: reply.stopDetails ?? null,
      container: null,
    },
    usage: {
      ...input,
      cache_creation: { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens },
      output_tokens: tokens.total,
      output_tokens_details: { thinking_tokens: tokens.thinking },
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: null,
      speed: null,
      ...reply.usage,
    },
    chainAfter: chain,
  };
}

function naturalStop(content: readonly WireBlock[]): string {
  return content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
}

function finish(
  call: Call,
  content: readonly ScriptedBlock[],
  number: number,
): { readonly blocks: readonly SentBlock[]; readonly chain: string } {
  let chain = chainsOf(call).end;
  const blocks = content.map((scripted, at): SentBlock => {
    const block = fill(call, scripted.block, chain, `${serial(number)}${at}`);
    chain = link(chain, 'assistant', block);
    return { ...scripted, block };
  });
  return { blocks, chain };
}

function fill(call: Call, block: WireBlock, chain: string, unique: string): WireBlock {
  if (block.type === 'tool_use' && block['id'] === '') return { ...block, id: `toolu_${unique}` };
  if (!isThinking(block)) return block;
  const model = call.model.id;
  if (block.type === 'redacted_thinking') {
    return block['data'] === '' ? { ...block, data: sealRedacted(`redacted${unique}`, model, chain) } : block;
  }
  const { thinking } = call.body;
  const omitted = thinking !== undefined && 'display' in thinking && thinking.display === 'omitted';
  const shown = omitted ? '' : String(block['thinking']);
  return { ...block, thinking: shown, signature: signThinking(shown, model, chain) };
}

/** Fixed width, so that ids of one server sort by age. */
export function serial(number: number): string {
  return `01${number.toString(36).padStart(10, '0')}`;
}
