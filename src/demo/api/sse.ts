// Owns: the bytes of an event stream, and the odd ways in which they may arrive.
// Promises: every style is valid SSE; pieces cut anywhere, also inside a character or a CRLF.
// Never: writes them.
import type { StreamEvent } from './events.ts';
import type { WireStyle } from './sendable.ts';

export function encodeEvent(event: StreamEvent, style: WireStyle): Buffer {
  const newline = style.newline ?? '\n';
  const json = style.manyDataLines === true ? JSON.stringify(event, null, 1).split('\n') : [JSON.stringify(event)];
  const lines = [
    ...(style.comments === true ? [': keep-alive'] : []),
    ...(style.dataOnly === true ? [] : [`event: ${event.type}`]),
    ...json.map((line) => `data: ${line}`),
    '',
    '',
  ];
  return Buffer.from(lines.join(newline), 'utf8');
}

/** Cuts into pieces of the given sizes, repeated. No sizes: one piece. */
export function cutUp(bytes: Buffer, sizes: readonly number[] | undefined): readonly Buffer[] {
  if (sizes === undefined || sizes.length === 0) return [bytes];
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length]!);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}
