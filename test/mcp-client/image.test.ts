// Images are judged by their bytes: what the API would refuse never reaches a history.
import assert from 'node:assert/strict';
import test from 'node:test';
import { imageBlock } from '../../src/mcp-client/image.ts';
import { pixel } from './pixel.ts';

function png(width: number, height: number): string {
  const bytes = Buffer.from(pixel, 'base64');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString('base64');
}

const bytes = (...parts: readonly (string | readonly number[])[]): string =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  ).toString('base64');

const taken: readonly (readonly [name: string, data: string, media: string])[] = [
  ['PNG', pixel, 'image/png'],
  ['GIF', bytes('GIF89a', [16, 0, 16, 0], 'rest'), 'image/gif'],
  [
    'JPEG',
    bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 16, 0, 16], '...........'),
    'image/jpeg',
  ],
  ['WebP, extended', bytes('RIFF....WEBPVP8X........', [15, 0, 0, 15, 0, 0]), 'image/webp'],
];

for (const [name, data, media] of taken) {
  test(`${name} is shown under the type that its bytes tell`, () => {
    assert.deepEqual(imageBlock(data, 1_000), { type: 'image', source: { type: 'base64', media_type: media, data } });
  });
}

const refused: readonly (readonly [name: string, data: string, why: RegExp])[] = [
  ['text', bytes('hello there'), /no PNG/],
  [
    'too many bytes',
    Buffer.concat([Buffer.from(pixel, 'base64'), Buffer.alloc(1_000)]).toString('base64'),
    /1070 bytes/,
  ],
  ['too wide', png(9_000, 10), /9000 x 10 pixels/],
  ['no size', png(0, 10), /damaged/],
  ['cut within its header', bytes([0x89], 'PNG\r\n', [0x1a, 0x0a], 'IH'), /damaged/],
  ['a RIFF that is no WebP', bytes('RIFF....WAVEfmt ........'), /damaged/],
];

for (const [name, data, why] of refused) {
  test(`refused: ${name}`, () => {
    assert.match(JSON.stringify(imageBlock(data, 1_000)), why);
  });
}
