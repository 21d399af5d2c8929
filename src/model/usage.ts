// Owns: the `usage` objects of a stream, merged, and their translation to the contract's Usage.
// Promises: later values replace earlier ones (they are cumulative), null and absent keep them; sub-requests are summed.
// Never: adds two frames of the same request, or trusts a value that is not a count.
import { isObject } from '../contract/json.ts';
import { noUsage, type Usage } from '../contract/usage.ts';

export type WireUsage = Readonly<Record<string, unknown>>;

export function mergeUsage(current: WireUsage, next: unknown): WireUsage {
  if (!isObject(next)) return current;
  const merged: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(next)) if (value !== null) merged[name] = value;
  return merged;
}

export function toUsage(wire: WireUsage): Usage {
  const sum = {
    ...noUsage,
    thinking_tokens: count(wire, 'output_tokens_details', 'thinking_tokens'),
    web_search_requests: count(wire, 'server_tool_use', 'web_search_requests'),
  };
  for (const part of requestsOf(wire)) {
    // Without a split by lifetime everything created counts as 5 minutes: that is what our requests ask for.
    const for1h = count(part, 'cache_creation', 'ephemeral_1h_input_tokens');
    const split = count(part, 'cache_creation', 'ephemeral_5m_input_tokens') + for1h;
    const created = Math.max(count(part, 'cache_creation_input_tokens'), split);
    sum.input_tokens += count(part, 'input_tokens');
    sum.output_tokens += count(part, 'output_tokens');
    sum.cache_creation_input_tokens += created;
    sum.cache_read_input_tokens += count(part, 'cache_read_input_tokens');
    sum.ephemeral_5m_input_tokens += created - for1h;
    sum.ephemeral_1h_input_tokens += for1h;
  }
  return sum;
}

/** The sub-requests that a reply was made of (compaction, fallback), or the reply as one. */
function requestsOf(wire: WireUsage): readonly WireUsage[] {
  const iterations = wire['iterations'];
  const parts = Array.isArray(iterations) ? iterations.filter(isObject) : [];
  return parts.length > 0 ? parts : [wire];
}

function count(wire: WireUsage, name: string, within?: string): number {
  const outer = wire[name];
  const value = within === undefined ? outer : isObject(outer) ? outer[within] : undefined;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
