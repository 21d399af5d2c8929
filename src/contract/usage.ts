// Owns: token counts of one reply and their sum. Source: the `usage` object of the Messages API.
// Promises: input_tokens is the uncached tail only, as on the wire; prompt total = input + cache_creation + cache_read.
// Never: knows a price.
import { z } from 'zod';
import { once, type Read } from './once.ts';

export const usageSchema = once(() =>
  z.object({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_creation_input_tokens: z.number(),
    cache_read_input_tokens: z.number(),
    /** Split of cache_creation_input_tokens by lifetime. */
    ephemeral_5m_input_tokens: z.number(),
    ephemeral_1h_input_tokens: z.number(),
    /** Part of output_tokens. */
    thinking_tokens: z.number(),
    web_search_requests: z.number(),
  }),
);
export type Usage = Read<typeof usageSchema>;

/** All that was read of the prompt, from a cache or not. */
export function promptTokens(usage: Usage): number {
  return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
}

export const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  ephemeral_5m_input_tokens: 0,
  ephemeral_1h_input_tokens: 0,
  thinking_tokens: 0,
  web_search_requests: 0,
};

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cache_creation_input_tokens: a.cache_creation_input_tokens + b.cache_creation_input_tokens,
    cache_read_input_tokens: a.cache_read_input_tokens + b.cache_read_input_tokens,
    ephemeral_5m_input_tokens: a.ephemeral_5m_input_tokens + b.ephemeral_5m_input_tokens,
    ephemeral_1h_input_tokens: a.ephemeral_1h_input_tokens + b.ephemeral_1h_input_tokens,
    thinking_tokens: a.thinking_tokens + b.thinking_tokens,
    web_search_requests: a.web_search_requests + b.web_search_requests,
  };
}
