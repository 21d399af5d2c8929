// Owns: how many bytes a value takes as JSON, and cutting text and values to a number of them.
// Promises: pure; sizes are UTF-8 bytes of the JSON text, so escapes count; a cut never splits a character and says what was cut.
// Never: returns more bytes than asked for, down to the size of the marker itself.
import { beginning } from '../contract/text.ts';

const encoder = new TextEncoder();

export function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value) ?? '').length;
}

/** Text that takes at most `bytes` in JSON, quotes included; a cut one ends with a marker. */
export function cutText(text: string, bytes: number): string {
  // A UTF-16 unit takes at least one byte and at most six: most texts need no count.
  if (text.length * 6 + 2 <= bytes || (text.length + 2 <= bytes && jsonBytes(text) <= bytes)) return text;
  const marker = `… [cut: ${encoder.encode(text).length} bytes in all]`;
  const room = bytes - jsonBytes(marker);
  return room <= 0 ? '…' : `${beginning(text, unitsWithin(text, room))}${marker}`;
}

/**
 * A value that takes at most `bytes`: long strings inside it are cut first, so that its keys stay readable; when that is
 * not enough, the beginning of its JSON as a string.
 */
export function cutValue(value: unknown, bytes: number): unknown {
  if (jsonBytes(value) <= bytes) return value;
  for (let strings = bytes; strings >= 48; strings = Math.floor(strings / 2)) {
    const shorter = cutStrings(value, strings);
    if (jsonBytes(shorter) <= bytes) return shorter;
  }
  return cutText(JSON.stringify(value), bytes);
}

/** The largest cap with which the sizes, each cut to it, fit into `room` together. */
export function fairCap(sizes: readonly number[], room: number): number {
  const ascending = sizes.toSorted((a, b) => a - b);
  let left = room;
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (size > share) return share;
    left -= size;
  }
  return Number.MAX_SAFE_INTEGER;
}

function cutStrings(value: unknown, bytes: number): unknown {
  if (typeof value === 'string') return cutText(value, bytes);
  if (Array.isArray(value)) return value.map((item) => cutStrings(item, bytes));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cutStrings(item, bytes)]));
}

function unitsWithin(text: string, bytes: number): number {
  let used = 0;
  let units = 0;
  for (const character of text) {
    used += jsonBytesOf(character);
    if (used > bytes) break;
    units += character.length;
  }
  return units;
}

/** As JSON.stringify writes one character: escapes for quotes, controls and lone surrogates. */
function jsonBytesOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x20) return '\b\t\n\f\r'.includes(character) ? 2 : 6;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  if (code >= 0xd800 && code <= 0xdfff) return 6;
  return code > 0xffff ? 4 : 3;
}
