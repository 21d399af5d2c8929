// Owns: a simulation of the API's prompt cache: breakpoints, 20-block lookback, minimum prefix, lifetimes.
// Promises: an entry can be read only after the response that wrote it began; lifetimes count from the start of a request
// and are renewed by a read; tokens add up to the whole prompt.
// Never: shares anything between models, or reads the real clock (the caller passes `now`).
import { cacheControlOf, ttlOf } from './check-cache-control.ts';
import type { Call } from './call.ts';
import { canonical, digest } from './prefix-chain.ts';
import type { WireBlock } from './request-shape.ts';
import { toTokens, weightOf } from './tokens.ts';

export type CacheUsage = {
  readonly input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly ephemeral_5m_input_tokens: number;
  readonly ephemeral_1h_input_tokens: number;
};

type CacheVisit = {
  readonly usage: CacheUsage;
  /** To be called when the response begins: only then others can read what this request wrote. */
  publish(): void;
};

export type PromptCache = { visit(call: Call, now: number): CacheVisit };

type Ttl = '5m' | '1h';
type Entry = { expires: number; published: boolean; readonly lifetime: number };
type Position = { readonly hash: string; readonly tokens: number; readonly ttl: Ttl | undefined };

const lifetimes: Readonly<Record<Ttl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
const lookback = 20;

export function createPromptCache(): PromptCache {
  const entries = new Map<string, Entry>();
  const live = (hash: string, now: number): Entry | undefined => {
    const entry = entries.get(hash);
    return entry !== undefined && entry.expires > now ? entry : undefined;
  };

  return {
    visit: (call, now) => {
      const positions = positionsOf(call);
      const marked = positions.flatMap((position, at) => (position.ttl === undefined ? [] : [at]));
      const hit = Math.max(-1, ...marked.map((mark) => nearestHit(positions, mark, (hash) => live(hash, now))));
      const read = hit < 0 ? 0 : positions[hit]!.tokens;
      const found = hit < 0 ? undefined : live(positions[hit]!.hash, now);
      if (found !== undefined) found.expires = now + found.lifetime;

      const written: Entry[] = [];
      const creation = { '5m': 0, '1h': 0 };
      let covered = read;
      for (const at of marked) {
        const position = positions[at]!;
        if (at <= hit || position.tokens < call.model.cacheMinimum) continue;
        creation[position.ttl!] += position.tokens - covered;
        covered = position.tokens;
        const lifetime = lifetimes[position.ttl!];
        const entry = live(position.hash, now) ?? { expires: 0, published: false, lifetime };
        entry.expires = Math.max(entry.expires, now + lifetime);
        entries.set(position.hash, entry);
        written.push(entry);
      }
      const total = positions.at(-1)?.tokens ?? 0;
      return {
        usage: {
          input_tokens: total - covered,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: creation['5m'] + creation['1h'],
          ephemeral_5m_input_tokens: creation['5m'],
          ephemeral_1h_input_tokens: creation['1h'],
        },
        publish: () => {
          for (const entry of written) entry.published = true;
        },
      };
    },
  };
}

function nearestHit(positions: readonly Position[], mark: number, live: (hash: string) => Entry | undefined): number {
  for (let at = mark; at > mark - lookback && at >= 0; at -= 1) {
    if (live(positions[at]!.hash)?.published === true) return at;
  }
  return -1;
}

/** Every cacheable block in hash order, with its running hash and token count. */
function positionsOf(call: Call): readonly Position[] {
  let hash = digest('cache', call.model.id);
  let weight = 0;
  const place = (block: Readonly<Record<string, unknown>>, part: string, mark: Ttl | undefined): Position => {
    hash = digest(hash, part, canonical(block));
    weight += weightOf(block);
    return { hash, tokens: toTokens(weight), ttl: mark };
  };
  const tools = call.tools.map((tool) => place(tool, 'tool', markOf(tool)));
  const system = call.system.map((block) => place(block, 'system', markOf(block)));
  // A change of these makes the messages part a different one.
  hash = digest(hash, canonical(call.body.thinking ?? null), canonical(call.body.tool_choice ?? null));
  const effort = call.body.output_config?.effort ?? call.model.effortDefault;
  hash = digest(hash, effort);
  const messages = call.messages.flatMap((message) =>
    message.content.map((block) => place(block, message.role, markOf(block))),
  );
  return withAutomaticMark([...tools, ...system, ...messages], call);
}

/** The top-level cache_control marks the last block. */
function withAutomaticMark(positions: readonly Position[], call: Call): readonly Position[] {
  const top = call.body.cache_control;
  const last = positions.at(-1);
  if (top === undefined || top === null || last === undefined || last.ttl !== undefined) return positions;
  return [...positions.slice(0, -1), { ...last, ttl: ttlOf(top) }];
}

/** A mark inside a tool_result counts at the block that holds it. */
function markOf(block: Readonly<Record<string, unknown>>): Ttl | undefined {
  const inner = block['type'] === 'tool_result' && Array.isArray(block['content']) ? block['content'] : [];
  const control = [block, ...(inner as readonly WireBlock[])].map(cacheControlOf).find((mark) => mark !== undefined);
  return control === undefined ? undefined : ttlOf(control);
}
