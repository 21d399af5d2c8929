// Owns: bounding output: what is kept of it, and how the cut is said.
// Promises: memory stays within the bounds however much is pushed; head and tail are kept, whole characters, whole lines
// where lines are short; the mark counts what is missing and says how to get it.
// Never: cuts without a mark.
import { counted } from '../contract/text.ts';

export type Bounds = { readonly bytes: number; readonly lines: number };

const newline = 0x0a;

/** Keeps the first two fifths and the last three fifths of the bound: errors stand at the end. */
export class OutputBuffer {
  readonly #bounds: Bounds;
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #head: Buffer = Buffer.alloc(0);
  /** A ring; allocated when the head is full. */
  #tail: Buffer | undefined;
  #tailEnd = 0;
  #total = 0;
  #newlines = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#headBytes = Math.floor(bounds.bytes * 0.4);
    this.#tailBytes = bounds.bytes - this.#headBytes;
  }

  get totalBytes(): number {
    return this.#total;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    this.#newlines += countNewlines(chunk);
    const room = this.#headBytes - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    if (chunk.length > room) this.#pushTail(chunk.subarray(Math.max(0, room)));
  }

  /** Decoded and cut. `clean` is applied to each kept piece; `advice` says how the rest can be had. */
  text(advice: string, clean: (text: string) => string = (text) => text): string {
    const tail = this.#tailContent();
    if (this.#total <= this.#head.length + tail.length) {
      return boundLines(clean(decode(Buffer.concat([this.#head, tail]))), this.#bounds.lines, advice);
    }
    const head = wholeLinesFromStart(this.#head);
    const end = wholeLinesFromEnd(tail);
    const bytes = this.#total - head.length - end.length;
    const lines = this.#newlines - countNewlines(head) - countNewlines(end);
    const half = Math.floor(this.#bounds.lines / 2);
    const kept = [
      firstLines(clean(decode(head).replace(/\n$/, '')), half),
      mark(lines, bytes, advice),
      lastLines(clean(decode(end)), half),
    ];
    return kept.join('\n');
  }

  #pushTail(chunk: Uint8Array): void {
    this.#tail ??= Buffer.alloc(this.#tailBytes);
    const part = chunk.length > this.#tailBytes ? chunk.subarray(chunk.length - this.#tailBytes) : chunk;
    const start = (this.#tailEnd + chunk.length - part.length) % this.#tailBytes;
    const first = Math.min(part.length, this.#tailBytes - start);
    this.#tail.set(part.subarray(0, first), start);
    this.#tail.set(part.subarray(first), 0);
    this.#tailEnd += chunk.length;
  }

  #tailContent(): Buffer {
    if (this.#tail === undefined) return Buffer.alloc(0);
    if (this.#tailEnd <= this.#tailBytes) return this.#tail.subarray(0, this.#tailEnd);
    const start = this.#tailEnd % this.#tailBytes;
    return Buffer.concat([this.#tail.subarray(start), this.#tail.subarray(0, start)]);
  }
}

/** The same for text that is already there. */
export function boundText(text: string, bounds: Bounds, advice: string): string {
  const buffer = new OutputBuffer(bounds);
  buffer.push(Buffer.from(text.toWellFormed()));
  return buffer.text(advice);
}

function boundLines(text: string, limit: number, advice: string): string {
  const lines = text.split('\n');
  if (lines.length <= limit) return text;
  const half = Math.floor(limit / 2);
  const cut = lines.slice(half, lines.length - half);
  const bytes = Buffer.byteLength(cut.join('\n'));
  return [...lines.slice(0, half), mark(cut.length, bytes, advice), ...lines.slice(lines.length - half)].join('\n');
}

function mark(lines: number, bytes: number, advice: string): string {
  const what = lines > 0 ? `${counted(lines, 'line')} (${counted(bytes, 'byte')})` : counted(bytes, 'byte');
  return `[... ${what} cut here. ${advice}]`;
}

function firstLines(text: string, count: number): string {
  return text.split('\n').slice(0, count).join('\n');
}

function lastLines(text: string, count: number): string {
  return text.split('\n').slice(-count).join('\n');
}

function wholeLinesFromStart(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(newline);
  if (end > bytes.length / 2) return bytes.subarray(0, end + 1);
  let cut = bytes.length;
  while (cut > 0 && cut > bytes.length - 4 && isContinuation(bytes[cut - 1])) cut -= 1;
  const lead = bytes[cut - 1] ?? 0;
  const wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.length - cut + 1 >= wanted ? bytes : bytes.subarray(0, cut - 1);
}

function wholeLinesFromEnd(bytes: Buffer): Buffer {
  const start = bytes.indexOf(newline);
  if (start >= 0 && start < bytes.length / 2) return bytes.subarray(start + 1);
  let cut = 0;
  while (cut < 4 && isContinuation(bytes[cut])) cut += 1;
  return bytes.subarray(cut);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  // By index: an iterator takes ten times as long, also for 64 MB of "y".
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] === newline) count += 1;
  return count;
}

function decode(bytes: Buffer): string {
  return bytes.toString('utf8');
}
