// Raw JSON-RPC over a child process: what a host without any SDK would do.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export type Message = {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, any>;
  readonly result?: Record<string, any>;
  readonly error?: { readonly code: number; readonly message: string };
};

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly ms: number };

export class RpcProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly messages: Message[] = [];
  /** Lines of stdout that are not JSON: there must be none. */
  readonly junk: string[] = [];
  stderr = '';
  #nextId = 1;
  #rest = '';
  #watchers = new Set<() => void>();
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.child.stdin.on('error', () => undefined); // the process may end while we write
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exit = new Promise((resolve) => this.child.once('close', (code, signal) => resolve({ code, signal })));
  }

  async initialize(capabilities: Record<string, unknown> = {}): Promise<Message> {
    const answer = await this.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo: { name: 'raw', version: '0' },
    });
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return answer;
  }

  send(message: unknown): void {
    this.write(`${JSON.stringify(message)}\n`);
  }

  write(text: string | Buffer): void {
    this.child.stdin.write(text);
  }

  /** Sends and returns the id at once; the answer comes through `answer(id)`. */
  start(method: string, params?: Record<string, unknown>): number {
    const id = this.#nextId++;
    this.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
    return id;
  }

  request(method: string, params?: Record<string, unknown>): Promise<Message> {
    return this.answer(this.start(method, params));
  }

  startCall(name: string, args: Record<string, unknown> = {}, meta?: Record<string, unknown>): number {
    return this.start('tools/call', { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) });
  }

  async call(name: string, args: Record<string, unknown> = {}): Promise<Record<string, any>> {
    const { result, error } = await this.answer(this.startCall(name, args));
    if (result === undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return result;
  }

  answer(id: number | string | null): Promise<Message> {
    return this.until((message) => message.method === undefined && message.id === id);
  }

  /** The first message, past or future, that fits. Rejects when the process ends without one. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    const found = Promise.withResolvers<Message>();
    const look = () => {
      const message = this.messages.find(fits);
      if (message !== undefined) found.resolve(message);
    };
    this.#watchers.add(look);
    look();
    void this.#exit.then(() => found.reject(new Error(`the process ended: ${this.stderr}`)));
    try {
      return await found.promise;
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** Resolves when it has ended, with the time since the call. */
  async ended(): Promise<Ended> {
    const start = performance.now();
    const { code, signal } = await this.#exit;
    return { code, signal, ms: performance.now() - start };
  }

  /** Not child.kill: Deno then reports that signal as the cause of the end, whatever the process made of it. */
  signal(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined) process.kill(this.child.pid, name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      try {
        this.messages.push(JSON.parse(line) as Message);
      } catch {
        this.junk.push(line); // asserted on by the tests
      }
    }
    for (const look of this.#watchers) look();
  }
}
