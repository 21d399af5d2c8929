// Owns: JSON-RPC messages over a server process's stdin and stdout, one line each; the end of what it wrote to stderr.
// Promises: a line that is no message is skipped and counted, as servers do print; the end of the process closes the
// connection, and how it ended is then known.
// Never: shares our own streams with the process.
import type { ServerProcess } from './host.ts';
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from './sdk.ts';

/** An image at the API's limit fits several times. */
const maxMessageBytes = 32 * 1024 * 1024;
const keptStderr = 2_000;

export class ProcessTransport implements Transport {
  onmessage?: NonNullable<Transport['onmessage']>;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  readonly #process: ServerProcess;
  readonly #incoming = new ReadBuffer({ maxBufferSize: maxMessageBytes });
  #stderr = '';
  #problem: string | undefined;
  #end: string | undefined;

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  start(): Promise<void> {
    const { stdin, stdout, stderr, ended } = this.#process;
    stdin.on('error', (error: Error) => this.onerror?.(error)); // its end tells the rest
    stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-keptStderr);
    });
    void ended.then((how) => {
      this.#end = how;
      this.onclose?.();
    });
    return Promise.resolve();
  }

  /** How the process ended and its last words; undefined while it lives. */
  get end(): string | undefined {
    const end = this.#problem ?? this.#end;
    if (end === undefined) return undefined;
    const words = this.#stderr.trim().split('\n').slice(-8).join('\n').slice(-600);
    return words === '' ? `it ${end}` : `it ${end}; its last words: ${words}`;
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.stdin.write(serializeMessage(message), (error) => {
        if (error === null || error === undefined) resolve();
        // Nobody reads there any more: its end, which we see to, is told first, as what became of the call.
        else void this.close().then(() => reject(error));
      });
    });
  }

  close(): Promise<void> {
    return this.#process.end();
  }

  #read(chunk: Buffer): void {
    try {
      this.#incoming.append(chunk);
    } catch {
      this.#problem = `sent a message of more than ${maxMessageBytes} bytes and was ended`;
      void this.close();
      return;
    }
    for (let more = true; more;) more = this.#deliver();
  }

  #deliver(): boolean {
    try {
      const message = this.#incoming.readMessage();
      if (message !== null) this.onmessage?.(message);
      return message !== null;
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return true; // the line is gone; the next one may be a message
    }
  }
}
