// The events of a stream, folded into a reply.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Accumulated, createAccumulator } from '../../src/model/accumulate.ts';
import { AttemptError } from '../../src/model/fault.ts';
import { createSseParser } from '../../src/model/sse.ts';
import { sse, textEvents } from './wire.ts';

type Event = Readonly<Record<string, unknown>>;

const start = (usage: object = { input_tokens: 3, output_tokens: 1 }): Event => ({
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', content: [], stop_reason: null, usage },
});
const open = (index: number, content_block: object): Event => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, change: object): Event => ({ type: 'content_block_delta', index, delta: change });
const stop = (index: number): Event => ({ type: 'content_block_stop', index });
const end = (reason: string | null, usage: object = { output_tokens: 2 }, more: object = {}): Event => ({
  type: 'message_delta',
  delta: { stop_reason: reason, ...more },
  usage,
});
const last: Event = { type: 'message_stop' };

function read(chunks: readonly Uint8Array[]): Accumulated {
  const accumulator = createAccumulator();
  const parser = createSseParser((event) => accumulator.apply(event));
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return accumulator.finish();
}

const encode = (events: readonly Event[]): Uint8Array => new TextEncoder().encode(sse(events));
const contentOf = (events: readonly Event[]): unknown =>
  read([encode([start(), ...events, end('end_turn'), last])]).content;

const toolUse = { type: 'tool_use', id: 'toolu_1', name: 'Read', input: {}, caller: { type: 'direct' } };
const json = (...pieces: readonly string[]): Event[] =>
  pieces.map((partial_json) => delta(0, { type: 'input_json_delta', partial_json }));

const blocks: readonly (readonly [name: string, events: readonly Event[], content: unknown])[] = [
  ['no block at all', [], []],
  [
    'text in pieces',
    [
      open(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'a' }),
      delta(0, { type: 'text_delta', text: 'b' }),
      stop(0),
    ],
    [{ type: 'text', text: 'ab' }],
  ],
  [
    'thinking, its signature replaced',
    [
      open(0, { type: 'thinking', thinking: '', signature: 'old' }),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(0, { type: 'thinking_delta', thinking: 'm' }),
      delta(0, { type: 'signature_delta', signature: 's1' }),
      delta(0, { type: 'signature_delta', signature: 's2' }),
      stop(0),
    ],
    [{ type: 'thinking', thinking: 'hmm', signature: 's2' }],
  ],
  [
    'thinking that is omitted: empty text, only a signature',
    [
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'signature_delta', signature: 's' }),
      stop(0),
    ],
    [{ type: 'thinking', thinking: '', signature: 's' }],
  ],
  [
    'redacted thinking',
    [open(0, { type: 'redacted_thinking', data: 'x' }), stop(0)],
    [{ type: 'redacted_thinking', data: 'x' }],
  ],
  [
    'tool input in pieces',
    [open(0, toolUse), ...json('', '{"a": [1', ', 2]}'), stop(0)],
    [{ ...toolUse, input: { a: [1, 2] } }],
  ],
  ['tool input without a delta', [open(0, toolUse), stop(0)], [toolUse]],
  ['tool input of empty deltas', [open(0, toolUse), ...json('', ''), stop(0)], [toolUse]],
  ['tool input whole on start', [open(0, { ...toolUse, input: { a: 1 } }), stop(0)], [{ ...toolUse, input: { a: 1 } }]],
  [
    'tool input missing on start',
    [open(0, { type: 'tool_use', id: 't', name: 'n' }), stop(0)],
    [{ type: 'tool_use', id: 't', name: 'n', input: {} }],
  ],
  [
    'tool input cut',
    [open(0, toolUse), ...json('{"a": '), stop(0)],
    [{ ...toolUse, input: { __invalid_json: '{"a": ' } }],
  ],
  [
    'tool input that is no object',
    [open(0, toolUse), ...json('[1]'), stop(0)],
    [{ ...toolUse, input: { __invalid_json: '[1]' } }],
  ],
  [
    'citations are collected',
    [
      open(0, { type: 'text', text: '', citations: [] }),
      delta(0, { type: 'citations_delta', citation: { n: 1 } }),
      delta(0, { type: 'text_delta', text: 'x' }),
      delta(0, { type: 'citations_delta', citation: { n: 2 } }),
      stop(0),
    ],
    [{ type: 'text', text: 'x', citations: [{ n: 1 }, { n: 2 }] }],
  ],
  [
    'compaction',
    [
      open(0, { type: 'compaction', content: null }),
      delta(0, { type: 'compaction_delta', content: 'sum', encrypted_content: 'e' }),
      stop(0),
    ],
    [{ type: 'compaction', content: 'sum', encrypted_content: 'e' }],
  ],
  [
    'blocks and deltas that nobody knows',
    [
      open(0, { type: 'hologram', depth: { z: 1 } }),
      delta(0, { type: 'hologram_delta', light: 1 }),
      stop(0),
      { type: 'surprise', index: 0 },
      { type: 'ping' },
      delta(9, { type: 'text_delta', text: 'of no block' }),
    ],
    [{ type: 'hologram', depth: { z: 1 } }],
  ],
  [
    'interleaved, without stops, in the order of their indices',
    [
      open(1, { type: 'text', text: '' }),
      open(0, { type: 'text', text: '' }),
      delta(1, { type: 'text_delta', text: 'b' }),
      delta(0, { type: 'text_delta', text: 'a' }),
    ],
    [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ],
  ],
];

for (const [name, events, content] of blocks) {
  test(`accumulate: ${name}`, () => assert.deepEqual(contentOf(events), content));
}

const tokens = (usage: object): unknown => ({
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  ephemeral_5m_input_tokens: 0,
  ephemeral_1h_input_tokens: 0,
  thinking_tokens: 0,
  web_search_requests: 0,
  ...usage,
});

const usages: readonly (readonly [name: string, first: object, later: readonly object[], usage: unknown])[] = [
  ['nothing said', {}, [{}], tokens({})],
  [
    'cumulative, not added',
    { input_tokens: 10, output_tokens: 1 },
    [{ output_tokens: 5 }, { output_tokens: 9 }],
    tokens({ input_tokens: 10, output_tokens: 9 }),
  ],
  [
    'null keeps',
    { input_tokens: 10, cache_read_input_tokens: 7, output_tokens: 1 },
    [{ input_tokens: null, cache_read_input_tokens: null, output_tokens: 4 }],
    tokens({ input_tokens: 10, cache_read_input_tokens: 7, output_tokens: 4 }),
  ],
  [
    'the split by lifetime',
    {
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
    },
    [{}],
    tokens({ cache_creation_input_tokens: 30, ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }),
  ],
  [
    'no split: five minutes',
    { cache_creation_input_tokens: 30, cache_creation: null },
    [{}],
    tokens({ cache_creation_input_tokens: 30, ephemeral_5m_input_tokens: 30 }),
  ],
  [
    'thinking and searches',
    {},
    [{ output_tokens: 9, output_tokens_details: { thinking_tokens: 6 }, server_tool_use: { web_search_requests: 2 } }],
    tokens({ output_tokens: 9, thinking_tokens: 6, web_search_requests: 2 }),
  ],
  [
    'sub-requests are summed',
    { input_tokens: 5, output_tokens: 1 },
    [
      {
        output_tokens: 4,
        iterations: [
          {
            type: 'compaction',
            input_tokens: 100,
            output_tokens: 20,
            cache_creation: null,
            cache_creation_input_tokens: 3,
            cache_read_input_tokens: 1,
          },
          {
            type: 'message',
            input_tokens: 5,
            output_tokens: 4,
            cache_creation: null,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 2,
          },
        ],
      },
    ],
    tokens({
      input_tokens: 105,
      output_tokens: 24,
      cache_creation_input_tokens: 3,
      ephemeral_5m_input_tokens: 3,
      cache_read_input_tokens: 3,
    }),
  ],
  [
    'no counts',
    { input_tokens: '12', output_tokens: -4, cache_read_input_tokens: {} },
    [{ output_tokens: 'x' }],
    tokens({}),
  ],
];

for (const [name, first, later, usage] of usages) {
  test(`usage: ${name}`, () => {
    const events = [start(first), ...later.map((frame) => end('end_turn', frame)), last];
    assert.deepEqual(read([encode(events)]).usage, usage);
  });
}

test('accumulate: stop details come along', () => {
  const details = { type: 'refusal', category: 'cyber', explanation: null };
  const reply = read([encode([start(), end('refusal', {}, { stop_details: details }), last])]);
  assert.deepEqual([reply.stop_reason, reply.stop_details], ['refusal', details]);
});

test('accumulate: events that carry only data', () => {
  const text =
    textEvents('hi')
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join('') + 'data: [DONE]\n\n';
  assert.deepEqual(read([new TextEncoder().encode(text)]).content, [{ type: 'text', text: 'hi' }]);
});

const broken: readonly (readonly [name: string, events: readonly Event[], kind: string])[] = [
  ['no message_stop', textEvents('x').slice(0, -1), 'cut'],
  ['nothing', [], 'cut'],
  ['no stop reason', [start(), end(null), last], 'cut'],
  ['no message_start', [last], 'malformed'],
  ['an error event', [start(), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }], 'event'],
  ['an error event without an error', [start(), { type: 'error' }], 'event'],
];

for (const [name, events, kind] of broken) {
  test(`accumulate: ${name} is an error`, () => {
    assert.throws(
      () => read([encode(events)]),
      (error) => error instanceof AttemptError && error.fault.kind === kind,
    );
  });
}

const full: readonly Event[] = [
  start({ input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 5 }),
  { type: 'ping' },
  open(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'Grüße 😀' }),
  delta(0, { type: 'signature_delta', signature: 'c2ln' }),
  stop(0),
  open(1, { type: 'text', text: '' }),
  delta(1, { type: 'text_delta', text: 'žluťoučký \n kůň' }),
  stop(1),
  open(2, toolUse),
  delta(2, { type: 'input_json_delta', partial_json: '{"file_path": "/ž' }),
  delta(2, { type: 'input_json_delta', partial_json: '"}' }),
  stop(2),
  end('tool_use', { output_tokens: 40 }),
  last,
];

test('accumulate: any byte split of a stream gives the same reply', () => {
  const whole = encode(full);
  const expected = read([whole]);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      assert.deepEqual(read(places.slice(1).map((place, index) => whole.subarray(places[index], place))), expected);
    }),
  );
});

test('accumulate: any damage to a stream gives a reply or the one declared error', () => {
  const whole = encode(full);
  const damage = fc.record({
    at: fc.nat({ max: whole.length }),
    remove: fc.nat({ max: 60 }),
    insert: fc.uint8Array({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      let bytes = [...whole];
      for (const { at, remove, insert } of damages)
        bytes = [...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)];
      replyOrDeclaredError(() => read([Uint8Array.from(bytes)]));
    }),
    { numRuns: 500 },
  );
});

test('accumulate: any JSON in any place of an event gives a reply or the one declared error', () => {
  const value = fc.jsonValue({ maxDepth: 2 });
  const event = fc.record({
    type: fc.constantFrom(
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      'error',
      'x',
    ),
    index: fc.oneof(fc.constantFrom(0, 1), value),
    message: fc.oneof(fc.record({ content: value, usage: value, model: value, stop_reason: value }), value),
    content_block: fc.oneof(
      fc.record({ type: fc.constantFrom('text', 'tool_use', 'thinking'), text: value, input: value, citations: value }),
      value,
    ),
    delta: fc.oneof(
      fc.record({
        type: fc.constantFrom(
          'text_delta',
          'input_json_delta',
          'signature_delta',
          'citations_delta',
          'compaction_delta',
        ),
        text: value,
        partial_json: value,
        citation: value,
        stop_reason: value,
        __proto__: value,
      }),
      value,
    ),
    usage: fc.oneof(fc.record({ output_tokens: value, iterations: value, cache_creation: value }), value),
    error: value,
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => replyOrDeclaredError(() => read([encode(events)]))),
    { numRuns: 500 },
  );
});

function replyOrDeclaredError(act: () => Accumulated): void {
  try {
    const reply = act();
    assert.equal(typeof reply.stop_reason, 'string');
    assert.ok(reply.content.every((block) => typeof block.type === 'string'));
  } catch (error) {
    if (!(error instanceof AttemptError)) throw error;
  }
}
