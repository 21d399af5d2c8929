// The wire: order of events, deltas, usage, and every odd but legal way a stream may arrive.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text as read } from 'node:stream/consumers';
import test from 'node:test';
import {
  compaction,
  open,
  parseEvents,
  rawBlock,
  redactedThinking,
  refusal,
  reply,
  send,
  serverToolResult,
  serverToolUse,
  type Reply,
  type Step,
  text,
  thinking,
  toolUse,
  withApi,
} from '../fakes/messages-api.ts';

const body = { model: 'claude-opus-5', max_tokens: 999, stream: true, messages: [{ role: 'user', content: 'go' }] };

/** One streamed reply: its events, and the message another client of the same script gets unstreamed. */
function both(step: Step): Promise<{ events: readonly any[]; message: any }> {
  return withApi({ script: [step, step] }, async (api) => ({
    events: parseEvents((await send(api, body)).text),
    message: JSON.parse((await send(api, { ...body, stream: false })).text),
  }));
}

/** Puts the events together as a client would. */
function assemble(events: readonly any[]): any {
  const blocks: any[] = [];
  const inputs: string[] = [];
  for (const event of events) {
    const { index, delta } = event;
    if (event.type === 'content_block_start') {
      blocks[index] = structuredClone(event.content_block);
      inputs[index] = '';
    }
    if (event.type !== 'content_block_delta') continue;
    if (delta.type === 'text_delta') blocks[index].text += delta.text;
    if (delta.type === 'thinking_delta') blocks[index].thinking += delta.thinking;
    if (delta.type === 'signature_delta') blocks[index].signature = delta.signature;
    if (delta.type === 'citations_delta') blocks[index].citations.push(delta.citation);
    if (delta.type === 'input_json_delta') inputs[index] += delta.partial_json;
  }
  for (const [index, json] of inputs.entries())
    if (json !== '' && json !== undefined) blocks[index].input = JSON.parse(json);
  return blocks;
}

test('the events of a reply stand in the documented order', async () => {
  const { events } = await both(
    reply([thinking('Let me look at this.'), toolUse('Read', { file_path: 'a.txt' }, { id: 'toolu_1' })]),
  );
  const signature = events.find((event) => event.delta?.type === 'signature_delta').delta.signature;
  const { usage, id } = events[0].message;
  assert.deepEqual(events, [
    {
      type: 'message_start',
      message: {
        id,
        type: 'message',
        role: 'assistant',
        model: 'claude-opus-5',
        container: null,
        diagnostics: null,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: { ...usage, output_tokens: 1, output_tokens_details: null },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Let me look at t' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'his.' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'Read', input: {}, caller: { type: 'direct' } },
    },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"file_path":"a.' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: 'txt"}' } },
    { type: 'content_block_stop', index: 1 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
      usage: { ...usage, output_tokens: 11, output_tokens_details: { thinking_tokens: 5 } },
    },
    { type: 'message_stop' },
  ]);
});

test('streamed or not, the message is the same but for its ids', async () => {
  const step: Reply = reply([
    thinking('hm'),
    redactedThinking(),
    text('As it says 😀', { citations: [{ type: 'char_location', cited_text: 'x' }] }),
    serverToolUse('web_search', { query: 'é' }, 'srvtoolu_1'),
    serverToolResult('web_search', 'srvtoolu_1', []),
    toolUse('Read', { a: { b: [1, null] } }, { id: 'toolu_1' }),
    rawBlock({ type: 'hologram', beam: 3 }),
  ]);
  const { events, message } = await both(step);
  const content = assemble(events);
  assert.equal(content.length, 7);
  assert.match(content[1].data, /\S/);
  const known = (blocks: readonly unknown[]): unknown => blocks.toSpliced(1, 1);
  assert.deepEqual(known(content), known(message.content));
  const { usage } = events.find((event) => event.type === 'message_delta');
  assert.deepEqual(usage, message.usage);
});

test('every style of the wire carries the same events', async () => {
  const content = [thinking('hm'), 'Grüße 😀', toolUse('Read', { path: 'ä' }, { id: 'toolu_1' })];
  const plain = await both(reply(content));
  const styles = [
    { pieces: [1, 2] },
    { pieces: [3, 1, 7], newline: '\r\n' },
    { newline: '\r\n' },
    { bom: true },
    { comments: true },
    { dataOnly: true },
    { manyDataLines: true, newline: '\r\n', pieces: [5] },
    { gzip: true },
  ] as const;
  for (const wire of styles) {
    const { events, message } = await both(reply(content, { wire }));
    assert.deepEqual(events, plain.events, JSON.stringify(wire));
    assert.deepEqual(message, plain.message, JSON.stringify(wire));
  }
});

test('pieces are sent as they were cut', async () => {
  await withApi({ script: [reply('hello', { wire: { pieces: [40, 7] } })] }, async (api) => {
    const request = JSON.stringify(body);
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nhost: a\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n` +
        `connection: close\r\ncontent-length: ${request.length}\r\n\r\n${request}`,
    );
    // A reader may find several pieces at once; the chunks of HTTP keep the borders.
    let [, rest] = (await read(socket)).split(/\r\n\r\n(.*)/s) as [string, string];
    const sizes: number[] = [];
    for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
      sizes.push(size);
      rest = rest.slice(rest.indexOf('\r\n') + 2 + size + 2);
    }
    assert.deepEqual(sizes.slice(0, 6), [40, 7, 40, 7, 40, 7]);
  });
});

test('data-only streams have no event lines; comments and a BOM are really there', async () => {
  const raw = (step: Step): Promise<string> =>
    withApi({ script: [step] }, async (api) => {
      const bytes = Buffer.from(await (await open(api, body)).arrayBuffer());
      return bytes.toString('latin1');
    });
  assert.doesNotMatch(await raw(reply('x', { wire: { dataOnly: true } })), /^event:/m);
  assert.match(await raw(reply('x', { wire: { comments: true } })), /^: keep-alive$/m);
  assert.match(await raw(reply('x', { wire: { bom: true } })), /^\u00EF\u00BB\u00BFevent: message_start/);
  assert.match(await raw(reply('x', { wire: { newline: '\r\n' } })), /^event: message_start\r\ndata: .*\r\n\r\n/);
});

test('what no client knows: an event, a delta, a block', async () => {
  const { events } = await both(reply('x', { wire: { unknowns: true, pings: 'none' } }));
  assert.deepEqual(
    events.map((event) => event.delta?.type ?? event.type),
    [
      'message_start',
      'weather_report',
      'content_block_start',
      'mood_delta',
      'text_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ],
  );
});

test('pings as often as asked', async () => {
  const count = async (pings: 'none' | 'once' | 'often'): Promise<number> =>
    (await both(reply('some words to say', { wire: { pings } }))).events.filter((event) => event.type === 'ping')
      .length;
  assert.deepEqual([await count('none'), await count('once'), await count('often')], [0, 1, 4]);
});

test('tool input: whole on the start, none at all, or no JSON', async () => {
  const shape = async (step: Step): Promise<unknown> =>
    (await both(step)).events
      .filter((event) => event.type.startsWith('content_block'))
      .map((event) => event.content_block?.input ?? event.delta?.partial_json ?? event.type);
  const read = (extras: object): Step => toolUse('Read', { a: 1 }, { id: 'toolu_1', ...extras });
  assert.deepEqual(await shape(read({ send: 'whole' })), [{ a: 1 }, 'content_block_stop']);
  assert.deepEqual(await shape(read({ send: 'nothing' })), [{}, 'content_block_stop']);
  assert.deepEqual(await shape(read({ rawInput: '{"a": tru' })), [{}, '', '{"a": tru', 'content_block_stop']);
});

test('usage is cumulative over several message_delta events and may be overridden, also with null', async () => {
  const usage = { output_tokens: 90, cache_creation: null, cache_read_input_tokens: null };
  const { events, message } = await both(reply('x', { usage, wire: { usageFrames: 3 } }));
  const frames = events.filter((event) => event.type === 'message_delta');
  assert.deepEqual(
    frames.map((frame) => [frame.usage.output_tokens, frame.delta.stop_reason]),
    [
      [30, null],
      [60, null],
      [90, 'end_turn'],
    ],
  );
  assert.deepEqual([message.usage.cache_creation, message.usage.cache_read_input_tokens], [null, null]);
});

test('stop reasons: natural, scripted, refused, compacted, none', async () => {
  const stop = async (step: Step): Promise<unknown> => {
    const { message, events } = await both(step);
    const { delta } = events.find((event) => event.type === 'message_delta');
    const { stop_reason, stop_sequence, stop_details } = message;
    assert.deepEqual(
      [delta.stop_reason, delta.stop_sequence, delta.stop_details],
      [stop_reason, stop_sequence, stop_details],
    );
    return [stop_reason, stop_sequence, stop_details?.category ?? null, message.content.length];
  };
  assert.deepEqual(
    [
      await stop('done'),
      await stop(reply([])),
      await stop(toolUse('Read', {})),
      await stop(reply('cut', { stopReason: 'max_tokens' })),
      await stop(reply('a', { stopReason: 'stop_sequence', stopSequence: 'END' })),
      await stop(refusal('bio')),
      await stop(refusal(null, ['I will'])),
      await stop(compaction('so far')),
      await stop(reply('?', { stopReason: null })),
      await stop(reply('?', { stopReason: 'moonrise' })),
    ],
    [
      ['end_turn', null, null, 1],
      ['end_turn', null, null, 0],
      ['tool_use', null, null, 1],
      ['max_tokens', null, null, 1],
      ['stop_sequence', 'END', null, 1],
      ['refusal', null, 'bio', 0],
      ['refusal', null, null, 1],
      ['compaction', null, null, 1],
      [null, null, null, 1],
      ['moonrise', null, null, 1],
    ],
  );
});

test('the model in the answer, headers of one reply, dated ids', () =>
  withApi(
    {
      script: [reply('x', { model: 'other', headers: { 'x-note': 'hi' } }), 'x'],
      headers: { 'anthropic-ratelimit-requests-limit': '50' },
    },
    async (api) => {
      const first = await send(api, { ...body, stream: false });
      const second = await send(api, { ...body, stream: false, model: 'claude-haiku-4-5' });
      assert.deepEqual(
        [
          JSON.parse(first.text).model,
          first.headers.get('x-note'),
          first.headers.get('anthropic-ratelimit-requests-limit'),
        ],
        ['other', 'hi', '50'],
      );
      assert.equal(JSON.parse(second.text).model, 'claude-haiku-4-5-20251001');
    },
  ));
