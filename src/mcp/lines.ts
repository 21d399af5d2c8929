// Owns: cutting a byte stream into lines: the framing of JSON-RPC over stdio.
// Promises: linear in the bytes read, however they are chunked; a line over the limit is discarded while it arrives and
// reported once, with its ends, so that memory stays bounded and the stream goes on with the next line.
// Never: parses a line.

export type Line =
  | { readonly type: 'line'; readonly text: string }
  /** `head` and `tail` are the first and last bytes, for finding out which request it was. */
  | { readonly type: 'oversized'; readonly bytes: number; readonly head: string; readonly tail: string };

const newline = 0x0a;
const endBytes = 256;

export class LineSplitter {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #head: string | undefined; // set while an oversized line is discarded

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#add(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
    return lines;
  }

  #add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    this.#chunks.push(part);
    if (this.#bytes <= this.#maxBytes) return;
    const held = Buffer.concat(this.#chunks);
    this.#head ??= held.subarray(0, endBytes).toString('utf8');
    this.#chunks = [Buffer.from(held.subarray(-endBytes))];
  }

  #take(): Line {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    const line: Line =
      this.#head === undefined
        ? { type: 'line', text }
        : { type: 'oversized', bytes: this.#bytes, head: this.#head, tail: text };
    this.#chunks = [];
    this.#bytes = 0;
    this.#head = undefined;
    return line;
  }
}
