// Owns: what the tests of the model room share: clocks, a client with plain settings, a bare server for wire-level faults.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  Clock,
  ModelClient,
  ModelFailure,
  ModelReply,
  ModelRequest,
  ModelRetry,
} from '../../src/contract/ports.ts';
import type { Message } from '../../src/contract/message.ts';
import { createModelClient, type ModelClientConfig } from '../../src/model/client.ts';

/** Time that passes `factor` times as fast as it does outside. */
export function fastClock(factor: number): Clock {
  const start = performance.now();
  return {
    now: () => 1_790_000_000_000 + (performance.now() - start) * factor,
    sleep: async (ms, signal) => {
      try {
        await wait(ms / factor, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error;
      }
    },
  };
}

/** Time that passes only while somebody sleeps, a thousand times as fast: what happens between two sleeps takes none. */
export function sleptClock(): Clock {
  const outside = fastClock(1000);
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      await outside.sleep(ms, signal);
      now += ms;
    },
  };
}

/** Time that passes only when the test says so. */
export function steppedClock(): Clock & { advance(ms: number): Promise<void>; readonly sleeping: number } {
  let now = 0;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => now,
    get sleeping() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(signal!.reason);
        };
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    advance: async (ms) => {
      await settle();
      now += ms;
      for (const sleeper of [...sleepers].toSorted((a, b) => a.at - b.at)) if (sleeper.at <= now) sleeper.wake();
      await settle();
    },
  };
}

const patient = { firstByteMs: 1e9, idleMs: 1e9 };

export function clientFor(baseUrl: string, config: Partial<ModelClientConfig> = {}): ModelClient {
  return createModelClient({
    baseUrl,
    apiKey: 'test-key-0123456789',
    price: () => 0.5,
    cacheMinimum: () => undefined,
    clock: fastClock(1000),
    random: () => 0.5,
    watchdog: patient,
    ...config,
  });
}

export function requestFor(prompt: string, rest: Partial<ModelRequest> = {}): ModelRequest {
  return {
    worker_id: 'w1',
    settings: {
      model: 'claude-haiku-4-5',
      api_version: '2023-06-01',
      betas: [],
      max_tokens: 1000,
      max_tokens_cap: 64_000,
      body: {},
    },
    system: 'You are a test.',
    tools: [],
    messages: [user(prompt)],
    ...rest,
  };
}

export function user(...texts: readonly string[]): Message {
  return { role: 'user', content: texts.map((text) => ({ type: 'text', text })) };
}

export type Asked = { readonly result: ModelReply | ModelFailure; readonly retries: readonly ModelRetry[] };

export async function ask(
  client: ModelClient,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Asked> {
  const retries: ModelRetry[] = [];
  const result = await client.reply(
    request,
    async (retry) => {
      retries.push(retry);
    },
    signal,
  );
  return { result, retries };
}

export type Bare = { readonly url: string; readonly requests: readonly string[] };

/** A server that answers as the test writes it; `number` counts requests from 1. */
export async function withServer<T>(
  handle: (response: ServerResponse, number: number, request: IncomingMessage) => void,
  body: (server: Bare) => Promise<T>,
): Promise<T> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(Buffer.concat(chunks).toString('utf8'));
      handle(response, requests.length, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await body({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export function sse(events: readonly Readonly<Record<string, unknown>>[]): string {
  return events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** The events of a reply that is one text. */
export function textEvents(text: string): readonly Readonly<Record<string, unknown>>[] {
  return [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'claude-haiku-4-5', content: [], usage: { input_tokens: 3, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ];
}

export function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' });
  response.end(sse(textEvents(text)));
}
