// Owns: an image of a server as a block that the Messages API takes.
// Promises: judged by its bytes, not by what the server says of it: history is append-only, so one image that the API refuses
// would end the worker for good.
// Never: converts or scales.
import type { ContentBlock } from '../contract/message.ts';

/** Of the API, in pixels, for requests with many images: a worker may collect them. */
const maxSide = 2_000;

type Size = { readonly width: number; readonly height: number };
type Kind = { readonly media: string; readonly starts: string; readonly size: (bytes: Buffer) => Size | undefined };

const kinds: readonly Kind[] = [
  { media: 'image/png', starts: '89504e470d0a1a0a', size: (b) => sizeAt(b.readUInt32BE(16), b.readUInt32BE(20)) },
  { media: 'image/gif', starts: '47494638', size: (b) => sizeAt(b.readUInt16LE(6), b.readUInt16LE(8)) },
  { media: 'image/jpeg', starts: 'ffd8ff', size: jpegSize },
  { media: 'image/webp', starts: '52494646', size: webpSize },
];

/** A text instead: why the image cannot be shown. */
export function imageBlock(data: string, maxBytes: number): ContentBlock | string {
  const bytes = Buffer.from(data, 'base64');
  const hex = bytes.subarray(0, 12).toString('hex');
  const kind = kinds.find(({ starts }) => hex.startsWith(starts));
  if (kind === undefined) return 'it is no PNG, JPEG, GIF or WebP';
  if (bytes.length > maxBytes) return `it has ${bytes.length} bytes; the API takes ${maxBytes}`;
  const size = measured(kind, bytes);
  if (size === undefined) return 'its data is damaged';
  const { width, height } = size;
  if (width > maxSide || height > maxSide) return `it is ${width} x ${height} pixels; the API takes ${maxSide} a side`;
  return { type: 'image', source: { type: 'base64', media_type: kind.media, data: bytes.toString('base64') } };
}

function measured({ size }: Kind, bytes: Buffer): Size | undefined {
  try {
    const found = size(bytes);
    return found !== undefined && found.width > 0 && found.height > 0 ? found : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends within its header
    throw error;
  }
}

function sizeAt(width: number, height: number): Size {
  return { width, height };
}

function jpegSize(bytes: Buffer): Size | undefined {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sizeAt(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
  }
  return undefined;
}

function webpSize(bytes: Buffer): Size | undefined {
  switch (bytes.subarray(8, 16).toString('latin1')) {
    case 'WEBPVP8X':
      return sizeAt(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
    case 'WEBPVP8 ':
      return sizeAt(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case 'WEBPVP8L': {
      const bits = bytes.readUInt32LE(21);
      return sizeAt((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    default:
      return undefined;
  }
}
