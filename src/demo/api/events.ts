// Owns: the events of one streamed message, in the order of the wire.
// Promises: several deltas per block, cumulative usage, pings and oddities only where the style asks for them.
// Never: bytes (sse.ts) or time (deliver.ts).
import type { BuiltMessage, SentBlock } from './message.ts';
import type { WireStyle } from './sendable.ts';

export type StreamEvent = { readonly type: string; readonly [field: string]: unknown };

const ping: StreamEvent = { type: 'ping' };

export function eventsOf(message: BuiltMessage, style: WireStyle): readonly StreamEvent[] {
  const { pings = 'once' } = style;
  const blocks = message.blocks.flatMap((sent, index) => {
    const events = blockEvents(sent, index, style);
    if (pings === 'often') return events.flatMap((event) => [event, ping]);
    return pings === 'once' && index === 0 ? [events[0]!, ping, ...events.slice(1)] : events;
  });
  return [
    startEvent(message),
    ...(style.unknowns === true ? [{ type: 'weather_report', sky: 'clear' }] : []),
    ...blocks,
    ...stopEvents(message, style.usageFrames ?? 1),
    { type: 'message_stop' },
  ];
}

function startEvent(message: BuiltMessage): StreamEvent {
  const { output_tokens: output } = message.usage;
  const usage = { ...message.usage, output_tokens: typeof output === 'number' ? Math.min(1, output) : output };
  const stop = { stop_reason: null, stop_sequence: null, stop_details: null };
  return {
    type: 'message_start',
    message: { ...message.head, content: [], ...stop, usage: { ...usage, output_tokens_details: null } },
  };
}

function blockEvents({ block, send, rawInput }: SentBlock, index: number, style: WireStyle): readonly StreamEvent[] {
  const delta = (body: Readonly<Record<string, unknown>>): StreamEvent => ({
    type: 'content_block_delta',
    index,
    delta: body,
  });
  const odd = style.unknowns === true ? [delta({ type: 'mood_delta', mood: 'calm' })] : [];
  const wrap = (start: object, deltas: readonly StreamEvent[]): readonly StreamEvent[] => [
    { type: 'content_block_start', index, content_block: start },
    ...odd,
    ...deltas,
    { type: 'content_block_stop', index },
  ];
  if (send === 'whole') return wrap(block, []);
  const size = style.deltaChars ?? 16;
  switch (block.type) {
    case 'text': {
      const { text, citations, ...rest } = block;
      const cited = Array.isArray(citations)
        ? citations.map((citation) => delta({ type: 'citations_delta', citation }))
        : [];
      const start = { ...rest, text: '', ...(cited.length > 0 ? { citations: [] } : {}) };
      const texts = pieces(String(text), size).map((piece) => delta({ type: 'text_delta', text: piece }));
      return wrap(start, [...texts, ...cited]);
    }
    case 'thinking': {
      const thoughts = pieces(String(block['thinking']), size).map((piece) =>
        delta({ type: 'thinking_delta', thinking: piece }),
      );
      const signed = delta({ type: 'signature_delta', signature: block['signature'] });
      return wrap({ ...block, thinking: '', signature: '' }, [...thoughts, signed]);
    }
    case 'tool_use':
    case 'server_tool_use': {
      const json = send === 'nothing' ? [] : ['', ...pieces(rawInput ?? JSON.stringify(block['input']), size)];
      const deltas = json.map((piece) => delta({ type: 'input_json_delta', partial_json: piece }));
      return wrap({ ...block, input: {} }, deltas);
    }
    default:
      return wrap(block, []);
  }
}

function stopEvents(message: BuiltMessage, frames: number): readonly StreamEvent[] {
  const final = Number(message.usage['output_tokens']);
  return Array.from({ length: frames }, (_, at) => {
    const last = at === frames - 1;
    const usage = last ? message.usage : { output_tokens: Math.floor((final * (at + 1)) / frames) };
    const delta = last ? message.stop : { ...message.stop, stop_reason: null };
    return { type: 'message_delta', delta, usage };
  });
}

/** Never splits a surrogate pair; '' has no pieces. */
function pieces(text: string, size: number): readonly string[] {
  const characters = Array.from(text);
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, at) =>
    characters.slice(at * size, (at + 1) * size).join(''),
  );
}
