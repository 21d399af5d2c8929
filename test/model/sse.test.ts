// The parser of server-sent events: every form the standard allows, in every split.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { AttemptError } from '../../src/model/fault.ts';
import { createSseParser, type SseEvent } from '../../src/model/sse.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(chunks: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createSseParser((event) => events.push(event));
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return events;
}

const cases: readonly (readonly [name: string, text: string, events: readonly SseEvent[]])[] = [
  ['LF', 'event: a\ndata: 1\n\n', [{ event: 'a', data: '1' }]],
  [
    'CRLF',
    'event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n',
    [
      { event: 'a', data: '1' },
      { event: '', data: '2' },
    ],
  ],
  [
    'CR',
    'event: a\rdata: 1\r\rdata: 2\r\r',
    [
      { event: 'a', data: '1' },
      { event: '', data: '2' },
    ],
  ],
  [
    'mixed line ends',
    'data: 1\r\n\ndata: 2\n\r\ndata: 3\r\n\r',
    [
      { event: '', data: '1' },
      { event: '', data: '2' },
      { event: '', data: '3' },
    ],
  ],
  ['several data lines', 'data: a\ndata:\ndata: b\n\n', [{ event: '', data: 'a\n\nb' }]],
  [
    'one space after the colon is dropped',
    'data:  x\n\ndata:y\n\n',
    [
      { event: '', data: ' x' },
      { event: '', data: 'y' },
    ],
  ],
  ['comments and other fields', ': ping\nid: 7\nretry: 5\nfoo\ndata: x\n\n', [{ event: '', data: 'x' }]],
  ['a byte order mark', '\uFEFFdata: x\n\n', [{ event: '', data: 'x' }]],
  ['an event without data is none', 'event: a\n\ndata: x\n\n', [{ event: '', data: 'x' }]],
  ['no blank line at the end', 'data: x\n', [{ event: '', data: 'x' }]],
  ['no line end at the end', 'data: x', [{ event: '', data: 'x' }]],
  ['text beyond ASCII', 'data: ž€😀\n\n', [{ event: '', data: 'ž€😀' }]],
  ['nothing', '', []],
];

for (const [name, text, events] of cases) {
  test(`sse: ${name}, whole and byte by byte`, () => {
    assert.deepEqual(parse([bytes(text)]), events);
    assert.deepEqual(parse([...bytes(text)].map((byte) => Uint8Array.of(byte))), events);
  });
}

test('sse: any split of any text gives the same events', () => {
  const line = fc.oneof(
    fc.constantFrom('data: x', 'data', 'event: e', ':c', '', 'data: ž😀\u2028'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
    .map((lines) => lines.flat().join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (whole, cuts) => {
      assert.deepEqual(parse(split(bytes(whole), cuts)), parse([bytes(whole)]));
    }),
  );
});

test('sse: bytes that are no UTF-8 at all never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void parse([noise])));
});

test('sse: a line without an end is refused before it fills the memory', () => {
  const parser = createSseParser(() => {});
  const chunk = new Uint8Array(8 * 1024 * 1024).fill(120);
  assert.throws(() => {
    for (let times = 0; times < 10; times += 1) parser.push(chunk);
  }, AttemptError);
});

function split(whole: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b), whole.length];
  return places.slice(1).map((place, index) => whole.subarray(places[index], place));
}
