// Owns: bytes of a file to text and back: encoding, byte order mark, line ends.
// Promises: decode then encode gives the same bytes; what cannot be text is said to be binary, never mangled.
// Never: touches the file system.

import { assertNever } from '../contract/errors.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

export type TextFile = { readonly text: string; readonly encoding: Encoding; readonly bom: boolean };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** undefined: binary. */
export function decodeText(bytes: Buffer): TextFile | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2), 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes.subarray(2), 'utf-16be');
  if (bytes.includes(0)) return undefined;
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = bom ? bytes.subarray(3) : bytes;
  try {
    return { text: strictUtf8.decode(body), encoding: 'utf-8', bom };
  } catch {
    return { text: bytes.toString('latin1'), encoding: 'latin1', bom: false }; // not UTF-8: one character a byte keeps every byte
  }
}

/** undefined: `text` holds characters that the encoding has not. */
export function encodeText(file: TextFile): Buffer | undefined {
  const body = file.bom ? `\ufeff${file.text}` : file.text;
  switch (file.encoding) {
    case 'utf-8':
      return Buffer.from(body, 'utf8');
    case 'utf-16le':
      return Buffer.from(body, 'utf16le');
    case 'utf-16be':
      return Buffer.from(body, 'utf16le').swap16();
    case 'latin1': {
      const bytes = Buffer.from(body, 'latin1');
      return bytes.toString('latin1') === body ? bytes : undefined;
    }
    default:
      return assertNever(file.encoding);
  }
}

/** "\r\n" when most lines end so. */
export function lineEnd(text: string): '\n' | '\r\n' {
  const crlf = text.split('\r\n').length - 1;
  const all = text.split('\n').length - 1;
  return crlf * 2 > all ? '\r\n' : '\n';
}

export function withLineEnd(text: string, end: '\n' | '\r\n'): string {
  const plain = text.replaceAll('\r\n', '\n');
  return end === '\n' ? plain : plain.replaceAll('\n', '\r\n');
}

function utf16(body: Buffer, encoding: 'utf-16le' | 'utf-16be'): TextFile | undefined {
  if (body.length % 2 !== 0) return undefined;
  const ordered = encoding === 'utf-16be' ? Buffer.from(body).swap16() : body;
  return { text: ordered.toString('utf16le'), encoding, bom: true };
}
