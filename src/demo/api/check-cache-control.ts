// Owns: the rules for cache breakpoints: how many, in which order of lifetimes.
// Promises: counts marks on tools, system, messages and inside tool results; the top-level mark takes one slot too.
// Never: caches (prompt-cache.ts).
import type { Call } from './call.ts';
import { invalid, type Problems } from './problem.ts';
import { type CacheControl, cacheControlShape, type WireBlock } from './request-shape.ts';

type Mark = { readonly path: string; readonly ttl: '5m' | '1h' };

export function* cacheControlProblems(call: Call): Problems {
  const marks = marksOf(call);
  const top = call.body.cache_control ?? undefined;
  const count = marks.length + (top === undefined ? 0 : 1);
  if (count > 4) yield invalid(`A maximum of 4 blocks with cache_control may be provided. Found ${count}.`);
  const lastBlock = call.messages.at(-1)?.content.at(-1);
  const onLast = lastBlock === undefined ? undefined : markOf(lastBlock, '');
  if (top !== undefined && onLast !== undefined && onLast.ttl !== ttlOf(top)) {
    yield invalid('cache_control: ttl differs from the cache_control of the last block, which it would mark');
  }
  const all = top === undefined ? marks : [...marks, { path: 'cache_control', ttl: ttlOf(top) }];
  const firstShort = all.findIndex((mark) => mark.ttl === '5m');
  const late = firstShort < 0 ? undefined : all.slice(firstShort).find((mark) => mark.ttl === '1h');
  if (late !== undefined) {
    const path = late.path === 'cache_control' ? late.path : `${late.path}.cache_control`;
    yield invalid(
      `${path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. ` +
        'Note that blocks are processed in the following order: `tools`, `system`, `messages`.',
    );
  }
}

export function ttlOf(control: CacheControl): '5m' | '1h' {
  return control.ttl ?? '5m';
}

export function cacheControlOf(block: Readonly<Record<string, unknown>>): CacheControl | undefined {
  const parsed = cacheControlShape.safeParse(block['cache_control']);
  return parsed.success ? parsed.data : undefined;
}

/** In processing order: tools, system, messages. */
function marksOf(call: Call): readonly Mark[] {
  return [
    ...call.tools.map((tool, at) => markOf(tool, `tools.${at}`)),
    ...call.system.map((block, at) => markOf(block, `system.${at}`)),
    ...call.messages.flatMap((message, index) =>
      message.content.flatMap((block, at) => {
        const path = `messages.${index}.content.${at}`;
        const inner = block.type === 'tool_result' && Array.isArray(block['content']) ? block['content'] : [];
        const nested = (inner as readonly WireBlock[]).map((child, k) => markOf(child, `${path}.content.${k}`));
        return [...nested, markOf(block, path)];
      }),
    ),
  ].filter((mark) => mark !== undefined);
}

function markOf(block: Readonly<Record<string, unknown>>, path: string): Mark | undefined {
  const control = cacheControlOf(block);
  return control === undefined ? undefined : { path, ttl: ttlOf(control) };
}
