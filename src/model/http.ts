// Owns: a fetch function over node:http(s), because Bun's own runs 256 requests at most (src/decisions/transport.md).
// Promises: any number of requests at once over kept-alive connections; a stale one is replaced without anybody noticing;
// redirects are refused; proxies as the environment given says, and none to this machine itself; compressed answers are unpacked.
// Never: reads the environment, retries a request that was answered, or buffers the stream of a reply.
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { AttemptError } from './fault.ts';

export interface Http {
  readonly fetch: typeof globalThis.fetch;
  /** The body of a successful answer to a messages request, which the Response itself leaves out: a web stream in between costs. */
  streamOf(response: Response): Readable | undefined;
  /** Closes idle and busy connections. */
  close(): void;
}

export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/** Error bodies are for a hint of 300 characters. */
const maxBodyBytes = 1024 * 1024;
const staleSocketTries = 3;

/** A proxy would look for it on its own machine: a gateway or a demo here is out of its reach. */
const thisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function createHttp(proxyEnv: ProxyEnv | undefined): Http {
  const settings = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1024 };
  const proxied = { ...settings, ...(proxyEnv ? { proxyEnv } : {}) };
  const agents = { 'http:': new http.Agent(proxied), 'https:': new https.Agent(proxied) };
  const direct = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };
  const streams = new WeakMap<Response, Readable>();

  async function fetch(input: Parameters<typeof globalThis.fetch>[0], init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const incoming = await send(url, init, 1);
    const status = incoming.statusCode ?? 0;
    const headers = headersOf(incoming);
    if (status >= 300 && status < 400) {
      incoming.destroy();
      throw new AttemptError({ kind: 'redirected', status, message: `to ${hostOf(headers.get('location'), url)}` });
    }
    const body = unpack(incoming, headers);
    if (status === 200 && url.pathname.endsWith('/v1/messages')) {
      const response = new Response(null, { status, headers });
      streams.set(response, body);
      return response;
    }
    return new Response(await collect(body), { status: status < 200 || status > 599 ? 502 : status, headers });
  }

  async function send(url: URL, init: RequestInit, attempt: number): Promise<http.IncomingMessage> {
    const secure = url.protocol === 'https:';
    const body = bytesOf(init.body);
    const headers = Object.fromEntries(new Headers(init.headers));
    delete headers['accept-encoding'];
    const request = (secure ? https : http).request(url, {
      method: init.method ?? 'GET',
      agent: (thisMachine.test(url.hostname) ? direct : agents)[secure ? 'https:' : 'http:'],
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
    });
    try {
      return await answered(request, body, init.signal ?? undefined);
    } catch (error) {
      const stale = request.reusedSocket && !init.signal?.aborted && attempt < staleSocketTries;
      if (!stale) throw error;
      return send(url, init, attempt + 1);
    }
  }

  return {
    fetch,
    streamOf: (response) => streams.get(response),
    close() {
      for (const agent of [agents, direct].flatMap((each) => Object.values(each))) agent.destroy();
    },
  };
}

function answered(
  request: http.ClientRequest,
  body: Buffer | undefined,
  signal: AbortSignal | undefined,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void request.destroy(new Error('aborted'));
    const settle = (act: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    request.once('response', (incoming) => settle(() => resolve(incoming)));
    // Stays: a connection that breaks later reports here too, and the reader of the body has its own word for it.
    request.on('error', (error) => settle(() => reject(error)));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    request.end(body);
  });
}

function headersOf(incoming: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** We ask for no compression; a proxy may compress all the same. */
function unpack(incoming: http.IncomingMessage, headers: Headers): Readable {
  const flush = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  const unzip =
    encoding === 'gzip' || encoding === 'x-gzip' || encoding === 'deflate'
      ? zlib.createUnzip(flush)
      : encoding === 'br'
        ? zlib.createBrotliDecompress()
        : undefined;
  if (unzip === undefined) return incoming;
  headers.delete('content-encoding');
  headers.delete('content-length');
  incoming.on('error', (error) => unzip.destroy(error));
  incoming.on('aborted', () => unzip.destroy(new Error('aborted')));
  unzip.on('close', () => incoming.destroy());
  return incoming.pipe(unzip);
}

function collect(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // The status says what happened; a body that breaks off only makes the hint poorer.
    const done = (): void => resolve(Buffer.concat(chunks).toString('utf8'));
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBodyBytes) stream.destroy();
    });
    stream.on('end', done).on('error', done).on('close', done);
  });
}

/** The SDK sends JSON text, and form fields where it renews a token. */
function bytesOf(body: RequestInit['body']): Buffer | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof URLSearchParams) return Buffer.from(body.toString());
  throw new TypeError('a request body that is neither text nor form fields');
}

function hostOf(location: string | null, base: URL): string {
  return location !== null && URL.canParse(location, base.href) ? new URL(location, base).origin : 'no valid address';
}
