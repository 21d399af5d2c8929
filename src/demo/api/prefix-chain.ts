// Owns: the hash of everything that stands before a block: tools, system, earlier blocks.
// Promises: cache_control marks, key order and the grouping of blocks into messages do not change it; anything else does.
// Never: looks at options outside the prompt (effort, max_tokens, tool_choice, metadata).
import { createHash } from 'node:crypto';
import type { Call, CallMessage } from './call.ts';
import type { WireBlock } from './request-shape.ts';

export type Prompt = Pick<Call, 'system' | 'tools' | 'messages'>;

export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url');
}

/** The value as JSON with sorted keys, without cache_control at the top of a block or inside a tool_result. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([key, inner]) => key !== 'cache_control' && inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** The start of the chain. Tools with defer_loading are not part of the prefix. */
function rootOf(prompt: Prompt): string {
  const tools = prompt.tools.filter((tool) => tool['defer_loading'] !== true);
  return digest('root', canonical(tools), canonical(prompt.system));
}

export function link(chain: string, role: string, block: WireBlock): string {
  return digest(chain, role, canonical(block));
}

/** For each message, for each of its blocks: the chain before that block. `end` is the chain after all. */
export function chainsOf(prompt: Prompt): { readonly before: readonly (readonly string[])[]; readonly end: string } {
  let chain = rootOf(prompt);
  const before = prompt.messages.map((message: CallMessage) =>
    message.content.map((block) => {
      const here = chain;
      chain = link(chain, message.role, block);
      return here;
    }),
  );
  return { before, end: chain };
}
