// A ModelClient that answers from a list. Fails the test on a surplus request; `left` shows a shortage.
import type { ContentBlock, Message } from '../../src/contract/message.ts';
import type { ModelClient, ModelFailure, ModelReply, ModelRequest } from '../../src/contract/ports.ts';
import { noUsage } from '../../src/contract/usage.ts';

export type Scripted = Partial<Omit<ModelReply, 'type'>> | ModelFailure;

export type ScriptedModel = ModelClient & {
  /** The messages of each request, copied as they stood. */
  readonly seen: (readonly Message[])[];
  readonly maxTokens: (number | undefined)[];
  left(): number;
};

export function scriptedModel(replies: readonly Scripted[]): ScriptedModel {
  const queue = [...replies];
  const seen: (readonly Message[])[] = [];
  const maxTokens: (number | undefined)[] = [];
  return {
    seen,
    maxTokens,
    left: () => queue.length,
    async reply(request: ModelRequest) {
      seen.push(structuredClone([...request.messages]));
      maxTokens.push(request.max_tokens);
      const next = queue.shift();
      if (next === undefined) throw new Error('the script has no reply left');
      return 'error_type' in next ? next : reply(next);
    },
  };
}

function reply(parts: Partial<Omit<ModelReply, 'type'>>): ModelReply {
  return {
    type: 'replied',
    content: [],
    stop_reason: 'end_turn',
    model: 'scripted',
    request_id: 'req_1',
    usage: noUsage,
    cost_usd: 0.001,
    duration_ms: 0,
    ...parts,
  };
}

export function says(text: string): Partial<Omit<ModelReply, 'type'>> {
  return { content: [{ type: 'text', text }] };
}

export function calls(
  ...uses: readonly (readonly [id: string, name: string, input: unknown])[]
): Partial<Omit<ModelReply, 'type'>> {
  const content: ContentBlock[] = uses.map(([id, name, input]) => ({ type: 'tool_use', id, name, input }));
  return { content, stop_reason: 'tool_use' };
}
