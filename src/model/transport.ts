// Owns: the way to the API: the SDK for address, headers and credentials (keys, tokens, profiles), our http.ts for the bytes.
// Promises: one request out, one answer in; whatever fails is an AttemptError; the credentials it saw can be redacted.
// Never: retries, parses a reply, writes a log, or loads the SDK before the first request.
import process from 'node:process';
import type * as sdkModule from '@anthropic-ai/sdk';
import { codeOf, errorText } from '../contract/errors.ts';
import { AttemptError, errorOf, networkText } from './fault.ts';
import { fetchOnce } from './http.ts';
import { longestWaitMs, retryAfterMs } from './retry.ts';

export type TransportConfig = {
  /** Default: ANTHROPIC_BASE_URL, the profile's, or the public API. */
  readonly baseUrl?: string;
  /** Without either, the SDK looks them up: environment, profile, federation. */
  readonly apiKey?: string;
  readonly authToken?: string;
};

type Answer = { readonly headers: Headers; readonly stream: ReadableStream<Uint8Array> };

export interface Transport {
  send(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  /** Every credential that left this process through here. */
  readonly secrets: ReadonlySet<string>;
  /** A 401 may mean that a short-lived token ran out: the next request fetches a new one. */
  readonly renewable: () => boolean;
}

/** Packed, a stream would arrive in lumps. Deno's fetch no longer unpacks what comes packed all the same once it is told. */
const plainly = 'deno' in process.versions ? {} : { 'accept-encoding': 'identity' };

type Sdk = { readonly client: sdkModule.Anthropic; readonly errors: typeof sdkModule };

export function createTransport(config: TransportConfig, now: () => number): Transport {
  const secrets = new Set<string>([config.apiKey ?? '', config.authToken ?? ''].filter((secret) => secret !== ''));
  let loading: Promise<Sdk> | undefined;
  let loaded: Sdk | undefined;
  let trouble: string | undefined;

  async function load(): Promise<Sdk> {
    const errors = await import('@anthropic-ai/sdk');
    const client = new errors.Anthropic({
      ...(config.baseUrl === undefined ? {} : { baseURL: config.baseUrl }),
      ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
      ...(config.authToken === undefined ? {} : { authToken: config.authToken }),
      fetch: fetchAndNote,
      defaultHeaders: plainly,
      maxRetries: 0,
      // The watchdog is the timeout; stdout may be a protocol, so the SDK's own log stays shut.
      timeout: longestWaitMs,
      logLevel: 'off',
    });
    loaded = { client, errors };
    return loaded;
  }

  const fetchAndNote: typeof globalThis.fetch = (input, init) => {
    for (const [name, value] of new Headers(init?.headers)) {
      if (/auth|key|token|secret|cookie/i.test(name) && !name.startsWith('anthropic-')) {
        secrets.add(value.replace(/^(bearer|basic)\s+/i, ''));
      }
    }
    return noteTrouble(fetchOnce(input, init));
  };

  /** The SDK fetches tokens through here too, and reports any failure of that as bad credentials: this tells a bad line apart. */
  async function noteTrouble(answer: Promise<Response>): Promise<Response> {
    try {
      const response = await answer;
      trouble = response.status >= 500 || response.status === 429 ? `status ${response.status}` : undefined;
      return response;
    } catch (error) {
      trouble = networkText(error);
      throw error;
    }
  }

  return {
    secrets,
    renewable: () => loaded !== undefined && loaded.client.apiKey === null && loaded.client.authToken === null,
    async send(body, headers, signal) {
      let sdk: Sdk;
      try {
        sdk = await (loading ??= load());
      } catch (error) {
        loading = undefined;
        throw new AttemptError({ kind: 'credentials', message: errorText(error) }, { cause: error });
      }
      try {
        const response = await sdk.client
          .post('/v1/messages', { body, headers: { ...headers, 'x-stainless-timeout': null }, signal })
          .asResponse();
        if (response.body !== null) return { headers: response.headers, stream: response.body };
        throw new AttemptError({ kind: 'malformed', status: response.status, message: 'an answer without a stream' });
      } catch (error) {
        const failed = asAttemptError(error, sdk, now());
        if (failed.fault.kind !== 'credentials') throw failed;
        if (trouble !== undefined) throw new AttemptError({ kind: 'connection', message: trouble }, { cause: error });
        // The SDK would remember this answer; a person may log in while the process lives on.
        loading = undefined;
        throw failed;
      }
    },
  };
}

function asAttemptError(error: unknown, { client, errors }: Sdk, now: number): AttemptError {
  const own = causes(error).find((cause) => cause instanceof AttemptError);
  if (own !== undefined) return own;
  if (error instanceof errors.APIError && error.status !== undefined)
    return ofStatus(error.status, error.headers, error.error, error.message, now);
  const chain = causes(error);
  const network = chain.findLast((cause) => codeOf(cause) !== undefined);
  // What else the SDK throws before it sends anything is about credentials: it does nothing else there.
  if (network === undefined && !(error instanceof errors.APIConnectionError)) {
    return new AttemptError({ kind: 'credentials', message: credentialText(error) }, { cause: error });
  }
  const code = codeOf(network);
  const what = networkText(network ?? chain.findLast((cause) => cause instanceof Error));
  const message = `${what} (${URL.canParse(client.baseURL) ? new URL(client.baseURL).host : client.baseURL})`;
  return new AttemptError({ kind: 'connection', message, ...(code === undefined ? {} : { code }) }, { cause: error });
}

/** The SDK speaks to programmers; who reads this set a variable, or did not. */
function credentialText(error: unknown): string {
  const said = errorText(error);
  if (said.startsWith('Could not resolve authentication method')) return 'there is no key, no token and no login';
  if (/^Header .* invalid value/.test(said))
    return 'the key or token holds a line break or another character that no header takes';
  return said;
}

function ofStatus(
  status: number,
  headers: Headers | undefined,
  body: unknown,
  message: string,
  now: number,
): AttemptError {
  const retryAfter = headers === undefined ? undefined : retryAfterMs(headers, now);
  const shouldRetry = headers?.get('x-should-retry');
  return new AttemptError({
    kind: 'response',
    status,
    ...(errorOf(body) ?? { message: message.replace(/^\d{3} /, '') }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(shouldRetry === 'true' || shouldRetry === 'false' ? { shouldRetry: shouldRetry === 'true' } : {}),
  });
}

function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at = error;
    at !== undefined && at !== null && !chain.includes(at);
    at = at instanceof Error ? at.cause : undefined
  ) {
    chain.push(at);
  }
  return chain;
}
