// Owns: JSON-RPC messages over a pair of streams, one line each.
// Promises: no line ends it: what cannot be read is answered with a JSON-RPC error and the next line is served; `send` resolves
// when the bytes have left us; `idle` and `flushed` tell when nothing is owed to the client any more.
// Never: ends the process or listens for its signals. Unlike the SDK's own transport it survives an oversized message and
// reads a large one in linear time.
import { readLine } from './incoming.ts';
import { LineSplitter } from './lines.ts';
import type { JSONRPCMessage, RequestId, Transport } from './sdk.ts';

const maxMessageBytes = 64 * 1024 * 1024;

export class StdioTransport implements Transport {
  onmessage?: NonNullable<Transport['onmessage']>;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  readonly #stdin: NodeJS.ReadableStream;
  readonly #stdout: NodeJS.WritableStream;
  readonly #maxBytes: number;
  readonly #lines: LineSplitter;
  readonly #unanswered = new Set<RequestId>();
  #unwritten = 0;
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  constructor(stdin: NodeJS.ReadableStream, stdout: NodeJS.WritableStream, maxBytes: number = maxMessageBytes) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#maxBytes = maxBytes;
    this.#lines = new LineSplitter(maxBytes);
  }

  start(): Promise<void> {
    this.#stdin.on('data', this.#read);
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#write(message);
    } finally {
      if (!('method' in message) && message.id !== undefined) this.#settle(message.id);
    }
  }

  close(): Promise<void> {
    this.#stdin.off('data', this.#read);
    this.#stdin.pause();
    this.onclose?.();
    return Promise.resolve();
  }

  /** Every request read so far was answered, or withdrawn by the client. */
  idle(): Promise<void> {
    return this.#when(() => this.#unanswered.size === 0);
  }

  /** Every byte handed to `send` was taken by the reader, or never will be. */
  flushed(): Promise<void> {
    return this.#when(() => this.#unwritten === 0);
  }

  readonly #read = (chunk: Buffer): void => {
    for (const line of this.#lines.push(chunk)) {
      const incoming = readLine(line, this.#maxBytes);
      if (incoming.type === 'message') this.#deliver(incoming.message);
      if (incoming.type !== 'refused') continue;
      this.onerror?.(new Error(incoming.problem));
      if (incoming.answer !== null) this.#write(incoming.answer).catch((error: Error) => this.onerror?.(error));
    }
  };

  #deliver(message: JSONRPCMessage): void {
    if ('method' in message && 'id' in message) this.#unanswered.add(message.id);
    this.onmessage?.(message);
    if (!('method' in message) || message.method !== 'notifications/cancelled') return;
    const withdrawn = message.params?.['requestId'];
    if (typeof withdrawn === 'string' || typeof withdrawn === 'number') this.#settle(withdrawn);
  }

  #write(message: object): Promise<void> {
    const line = `${JSON.stringify(message)}\n`;
    this.#unwritten += 1;
    return new Promise((resolve, reject) => {
      this.#stdout.write(line, (error) => {
        this.#unwritten -= 1;
        this.#wake();
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }

  #settle(id: RequestId): void {
    this.#unanswered.delete(id);
    this.#wake();
  }

  #when(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ done, resolve }));
  }

  #wake(): void {
    const ready = this.#waiters.filter((waiter) => waiter.done());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}
