// Owns: the events of one stream, folded into a reply: blocks in order, usage, stop reason.
// Promises: a block keeps every field it came with; unknown blocks are whole, unknown events and deltas are ignored;
// a reply exists only after message_stop with a stop reason; cost is linear in the stream.
// Never: throws anything but an AttemptError; hands out a tool input that is not an object.
import { isObject } from '../contract/json.ts';
import type { ContentBlock, StopDetails } from '../contract/message.ts';
import type { Usage } from '../contract/usage.ts';
import { AttemptError, errorOf } from './fault.ts';
import type { SseEvent } from './sse.ts';
import { mergeUsage, toUsage, type WireUsage } from './usage.ts';

export type Accumulated = {
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string;
  readonly stop_details?: StopDetails;
  readonly model: string;
  readonly usage: Usage;
};

export interface Accumulator {
  readonly started: boolean;
  /** message_stop was seen: whatever follows is not part of the reply. */
  readonly stopped: boolean;
  apply(event: SseEvent): void;
  /** A whole message, from a server that does not stream. */
  applyMessage(message: Readonly<Record<string, unknown>>): void;
  finish(): Accumulated;
}

type OpenBlock = {
  readonly start: Readonly<Record<string, unknown>>;
  /** What the deltas added, by field. */
  readonly added: Map<string, string>;
  readonly replaced: Record<string, unknown>;
  readonly citations: unknown[];
  inputJson: string;
};

export function createAccumulator(): Accumulator {
  const blocks = new Map<number, OpenBlock>();
  let usage: WireUsage = {};
  let model = '';
  let started = false;
  let stopped = false;
  let stopReason: unknown = null;
  let stopDetails: unknown = null;

  function start(message: unknown): void {
    started = true;
    if (!isObject(message)) return;
    if (typeof message['model'] === 'string') model = message['model'];
    usage = mergeUsage(usage, message['usage']);
    if (Array.isArray(message['content'])) message['content'].forEach((block, index) => open(index, block));
    end(message);
  }

  function open(index: unknown, block: unknown): void {
    if (typeof index !== 'number' || !isObject(block) || typeof block['type'] !== 'string') return;
    blocks.set(index, { start: block, added: new Map(), replaced: {}, citations: [], inputJson: '' });
  }

  function end(delta: unknown): void {
    if (!isObject(delta)) return;
    stopReason = delta['stop_reason'] ?? stopReason;
    stopDetails = delta['stop_details'] ?? stopDetails;
  }

  function applyParsed(type: unknown, body: Readonly<Record<string, unknown>>): void {
    if (type === 'message_start') start(body['message']);
    else if (type === 'content_block_start') open(body['index'], body['content_block']);
    else if (type === 'content_block_delta') applyDelta(blocks.get(body['index'] as number), body['delta']);
    else if (type === 'message_delta') {
      end(body['delta']);
      usage = mergeUsage(usage, body['usage']);
    } else if (type === 'message_stop') stopped = true;
    else if (type === 'error') {
      throw new AttemptError({ kind: 'event', ...(errorOf(body) ?? { message: 'an error event without a message' }) });
    }
  }

  return {
    get started() {
      return started;
    },
    get stopped() {
      return stopped;
    },
    apply(event) {
      if (stopped || event.data === '' || event.data === '[DONE]') return;
      const body = parseEvent(event);
      applyParsed(body['type'] ?? event.event, body);
    },
    applyMessage(message) {
      start(message);
      stopped = true;
    },
    finish() {
      if (!stopped) throw new AttemptError({ kind: 'cut', message: 'the stream ended before message_stop' });
      if (!started) throw new AttemptError({ kind: 'malformed', message: 'the stream had no message_start' });
      if (typeof stopReason !== 'string') {
        throw new AttemptError({ kind: 'cut', message: 'the stream ended without a stop reason' });
      }
      return {
        content: [...blocks].toSorted(([a], [b]) => a - b).map(([, block]) => close(block)),
        stop_reason: stopReason,
        ...(isObject(stopDetails) ? { stop_details: stopDetails } : {}),
        model,
        usage: toUsage(usage),
      };
    },
  };
}

function parseEvent(event: SseEvent): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(event.data);
  } catch (error) {
    throw new AttemptError({ kind: 'cut', message: 'an event of the stream is not JSON' }, { cause: error });
  }
  return isObject(body) ? body : {};
}

function applyDelta(block: OpenBlock | undefined, delta: unknown): void {
  if (block === undefined || !isObject(delta)) return;
  switch (delta['type']) {
    case 'text_delta':
      return append(block, 'text', delta['text']);
    case 'thinking_delta':
      return append(block, 'thinking', delta['thinking']);
    case 'signature_delta':
      if (typeof delta['signature'] === 'string') block.replaced['signature'] = delta['signature'];
      return;
    case 'input_json_delta':
      if (typeof delta['partial_json'] === 'string') block.inputJson += delta['partial_json'];
      return;
    case 'citations_delta':
      if (delta['citation'] !== undefined) block.citations.push(delta['citation']);
      return;
    case 'compaction_delta': {
      // Not a piece but the whole: every field of it replaces the block's.
      const { type: _, ...fields } = delta;
      Object.assign(block.replaced, fields);
      return;
    }
    default:
  }
}

function append({ added }: OpenBlock, field: string, text: unknown): void {
  if (typeof text === 'string') added.set(field, (added.get(field) ?? '') + text);
}

function close(block: OpenBlock): ContentBlock {
  const { start } = block;
  const closed: Record<string, unknown> = { ...start, ...block.replaced };
  for (const [field, text] of block.added) {
    const before = start[field];
    closed[field] = (typeof before === 'string' ? before : '') + text;
  }
  if (block.citations.length > 0) {
    closed['citations'] = [...(Array.isArray(start['citations']) ? start['citations'] : []), ...block.citations];
  }
  const json = block.inputJson;
  if (json !== '') closed['input'] = parseInput(json);
  else if (start['type'] === 'tool_use' && !isObject(start['input'])) closed['input'] = {};
  return closed as ContentBlock;
}

/** What is not a JSON object is kept for the model to see as its own error; the API refuses any other input. */
function parseInput(json: string): unknown {
  try {
    const input: unknown = JSON.parse(json);
    return isObject(input) ? input : { __invalid_json: json };
  } catch {
    // The text itself is the information: the tool result will show it to the model.
    return { __invalid_json: json };
  }
}
