// Framing and what a line means: bytes in, messages, answers or silence out.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Incoming, readLine } from '../../src/mcp/incoming.ts';
import { LineSplitter } from '../../src/mcp/lines.ts';

function split(bytes: Buffer, at: readonly number[], max: number) {
  const splitter = new LineSplitter(max);
  const cuts = [...new Set([0, ...at.map((n) => n % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  return cuts.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(cuts[index], end)));
}

test('lines are the same however the bytes are chunked, also inside characters', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' ')));
  fc.assert(
    fc.property(lines, fc.array(fc.nat(), { maxLength: 20 }), (texts, at) => {
      const bytes = Buffer.from(texts.map((line) => `${line}\n`).join(''));
      assert.deepEqual(
        split(bytes, at, 1e6),
        texts.map((line) => ({ type: 'line', text: Buffer.from(line).toString() })),
      );
    }),
  );
});

test('a line over the limit is reported once, with its ends, and the next one is read', () => {
  const long = `{"id":7,${'x'.repeat(5_000)}end`;
  for (const at of [[], [3], [1_000, 1_001, 4_000, 5_010], Array.from({ length: 600 }, (_, n) => n * 9)]) {
    assert.deepEqual(split(Buffer.from(`a\n${long}\nb\n`), at, 1_000), [
      { type: 'line', text: 'a' },
      { type: 'oversized', bytes: long.length, head: long.slice(0, 256), tail: long.slice(-256) },
      { type: 'line', text: 'b' },
    ]);
  }
});

test('a line of exactly the limit is read', () => {
  assert.deepEqual(split(Buffer.from(`${'y'.repeat(1_000)}\n`), [500], 1_000), [
    { type: 'line', text: 'y'.repeat(1_000) },
  ]);
});

const refused = (code: number, id: number | string | null, problem: string): Incoming => ({
  type: 'refused',
  problem,
  answer: { jsonrpc: '2.0', id, error: { code, message: problem } },
});
const silent = (problem: string): Incoming => ({ type: 'refused', problem, answer: null });

const meanings: readonly (readonly [string, Incoming])[] = [
  ['', { type: 'blank' }],
  [' \r', { type: 'blank' }],
  [
    '{"jsonrpc":"2.0","id":1,"method":"ping"}\r',
    { type: 'message', message: { jsonrpc: '2.0', id: 1, method: 'ping' } },
  ],
  ['hello', refused(-32700, null, 'Parse error: a line is not JSON: hello')],
  ['{"jsonrpc":', refused(-32700, null, 'Parse error: a line is not JSON: {"jsonrpc":')],
  ['[]', refused(-32600, null, 'Invalid request: batches are not part of MCP. Send one message a line.')],
  ['5', silentFor5()],
  [
    '{"id":3,"method":"ping"}',
    refused(-32600, 3, 'Invalid request: not a JSON-RPC 2.0 message: {"id":3,"method":"ping"}'),
  ],
  [
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    refused(-32600, null, 'Invalid request: not a JSON-RPC 2.0 message: {"jsonrpc":"2.0","id":null,"method":"ping"}'),
  ],
  [
    '{"jsonrpc":"2.0","id":4}',
    refused(-32600, 4, 'Invalid request: not a JSON-RPC 2.0 message: {"jsonrpc":"2.0","id":4}'),
  ],
  [
    '{"jsonrpc":"1.0","method":"note"}',
    silent('Invalid request: not a JSON-RPC 2.0 message: {"jsonrpc":"1.0","method":"note"}'),
  ],
  [
    '{"jsonrpc":"2.0","id":4,"result":5}',
    silent('Invalid request: not a JSON-RPC 2.0 message: {"jsonrpc":"2.0","id":4,"result":5}'),
  ],
];

function silentFor5(): Incoming {
  return refused(-32600, null, 'Invalid request: not a JSON-RPC 2.0 message: 5');
}

for (const [text, incoming] of meanings) {
  test(`the line ${JSON.stringify(text)} is ${incoming.type}`, () => {
    assert.deepEqual(readLine({ type: 'line', text }, 100), incoming);
  });
}

test('an oversized request is answered under its id, where the id stands first or last', () => {
  const ends: readonly (readonly [string, string, number | string | null])[] = [
    ['{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"arg', '"}}', 12],
    ['{"method":"tools/call","params":{"arguments":{"id":1,', '"}},"jsonrpc":"2.0","id":"a-7"}', 'a-7'],
    ['{"jsonrpc":"2.0","method":"tools/call","params":{"id":5,"x":"', '"},"id":3}', 3],
    ['{"params":{"id":5,"x":"', '","id":6}}', null],
  ];
  for (const [head, tail, id] of ends) {
    const incoming = readLine({ type: 'oversized', bytes: 500, head, tail }, 100);
    assert.equal(incoming.type, 'refused');
    assert.deepEqual(incoming.type === 'refused' ? incoming.answer?.id : undefined, id);
    assert.match(incoming.type === 'refused' ? incoming.problem : '', /has 500 bytes; at most 100 are read/);
  }
});

test('any text is a message, an answer or silence', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `{"jsonrpc":"2.0","id":1,"method":${json}}`),
      ),
      (text) => {
        assert.ok(['message', 'blank', 'refused'].includes(readLine({ type: 'line', text }, 1e6).type));
      },
    ),
  );
});
