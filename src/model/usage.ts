// Owns: the `usage` objects of a stream, merged, and their translation to the contract's Usage.
// Promises: later values replace earlier ones (they are cumulative), null and absent keep them; sub-requests are summed.
// Never: adds two frames of the same request, or trusts a value that is not a count.
import { isObject } from '../contract/json.ts';
import type { Usage } from '../contract/usage.ts';

export type WireUsage = Readonly<Record<string, unknown>>;

export function mergeUsage(current: WireUsage, next: unknown): WireUsage {
  if (!isObject(next)) return current;
  return { ...current, ...Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null)) };
}

export function toUsage(wire: WireUsage): Usage {
  const parts = requestsOf(wire).map(tokensOf);
  const sum = (pick: (part: Tokens) => number): number => parts.reduce((total, part) => total + pick(part), 0);
  return {
    input_tokens: sum((part) => part.input),
    output_tokens: sum((part) => part.output),
    cache_creation_input_tokens: sum((part) => part.created),
    cache_read_input_tokens: sum((part) => part.read),
    ephemeral_5m_input_tokens: sum((part) => part.created - part.createdFor1h),
    ephemeral_1h_input_tokens: sum((part) => part.createdFor1h),
    thinking_tokens: count(wire, 'output_tokens_details', 'thinking_tokens'),
    web_search_requests: count(wire, 'server_tool_use', 'web_search_requests'),
  };
}

type Tokens = {
  readonly input: number;
  readonly output: number;
  readonly created: number;
  readonly createdFor1h: number;
  readonly read: number;
};

/** The sub-requests that a reply was made of (compaction, fallback), or the reply as one. */
function requestsOf(wire: WireUsage): readonly WireUsage[] {
  const iterations = wire['iterations'];
  const parts = Array.isArray(iterations) ? iterations.filter(isObject) : [];
  return parts.length > 0 ? parts : [wire];
}

/** Without a split by lifetime everything created counts as 5 minutes: that is what our requests ask for. */
function tokensOf(wire: WireUsage): Tokens {
  const for1h = count(wire, 'cache_creation', 'ephemeral_1h_input_tokens');
  const split = count(wire, 'cache_creation', 'ephemeral_5m_input_tokens') + for1h;
  const created = Math.max(count(wire, 'cache_creation_input_tokens'), split);
  return {
    input: count(wire, 'input_tokens'),
    output: count(wire, 'output_tokens'),
    created,
    createdFor1h: for1h,
    read: count(wire, 'cache_read_input_tokens'),
  };
}

function count(wire: WireUsage, ...path: readonly string[]): number {
  const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), wire);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
