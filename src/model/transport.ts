// Owns: the way to the API: the SDK for address, headers and credentials (keys, tokens, profiles), our http.ts for the bytes.
// Promises: one request out, one answer in; whatever fails is an AttemptError; the credentials it saw can be redacted; the SDK
// is asked once per set of headers where a key is used, and for each request where a login is, whose token may change.
// Never: retries, parses a reply, writes a log, or loads the SDK before the first request.
import process from 'node:process';
import { codeOf, errorText } from '../contract/errors.ts';
import { AttemptError, errorOf, networkText } from './fault.ts';
import { type Address, addressOf, fetchOnce } from './http.ts';
import { retryAfterMs } from './retry.ts';
import type * as sdkModule from './sdk.ts';

export type TransportConfig = {
  /** Default: ANTHROPIC_BASE_URL, the profile's, or the public API. */
  readonly baseUrl?: string;
  /** Without either, the SDK looks them up: environment, profile, federation. */
  readonly apiKey?: string;
  readonly authToken?: string;
};

export type Answer = { readonly headers: Headers; readonly stream: ReadableStream<Uint8Array> };

export interface Transport {
  send(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  /** Every credential that left this process through here. */
  readonly secrets: ReadonlySet<string>;
  /** A 401 may mean that a short-lived token ran out: the next request fetches a new one. */
  readonly renewable: () => boolean;
}

/** Packed, a stream would arrive in lumps. Deno's fetch no longer unpacks what comes packed all the same once it is told. */
const plainly = 'deno' in process.versions ? {} : { 'accept-encoding': 'identity' };

type Sdk = { readonly client: sdkModule.BaseAnthropic; readonly names: typeof sdkModule };

/** A request but for its body, as the SDK makes it. */
type Prepared = {
  readonly sdk: Sdk;
  readonly options: Parameters<sdkModule.BaseAnthropic['buildRequest']>[0];
  readonly address: Address;
  readonly headers: Headers;
};

export function createTransport(config: TransportConfig, now: () => number): Transport {
  const secrets = new Set<string>([config.apiKey ?? '', config.authToken ?? ''].filter((secret) => secret !== ''));
  let loading: Promise<Sdk> | undefined;
  let loaded: Sdk | undefined;
  /** By our own headers; only of a client with a key. */
  const lasting = new Map<string, Prepared>();
  let trouble: string | undefined;

  async function load(): Promise<Sdk> {
    const names = await import('./sdk.ts');
    const client = new names.BaseAnthropic({
      ...(config.baseUrl === undefined ? {} : { baseURL: config.baseUrl }),
      ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
      ...(config.authToken === undefined ? {} : { authToken: config.authToken }),
      fetch: fetchForSdk,
      defaultHeaders: plainly,
      // Stdout may be a protocol.
      logLevel: 'off',
    });
    loaded = { client, names };
    return loaded;
  }

  /** For tokens and the like; the SDK reports any failure of that as bad credentials: `trouble` tells a bad line apart. */
  const fetchForSdk: typeof globalThis.fetch = Object.assign(
    async (input: string | URL | Request, init: RequestInit = {}) => {
      noteSecrets(new Headers(init.headers));
      try {
        const response = await fetchOnce(addressOf(input instanceof Request ? input.url : String(input)), init);
        trouble = response.status >= 500 || response.status === 429 ? `status ${response.status}` : undefined;
        return response;
      } catch (error) {
        trouble = networkText(error);
        throw error;
      }
    },
    { preconnect: () => undefined },
  );

  function noteSecrets(headers: Headers): void {
    for (const [name, value] of headers) {
      if (/auth|key|token|secret|cookie/i.test(name) && !name.startsWith('anthropic-')) {
        secrets.add(value.replace(/^(bearer|basic)\s+/i, ''));
      }
    }
  }

  function renewable({ client }: Sdk): boolean {
    return client.apiKey === null && client.authToken === null;
  }

  async function prepare(sdk: Sdk, own: Readonly<Record<string, string>>): Promise<Prepared> {
    const options = { method: 'post', path: '/v1/messages', headers: { ...own, 'x-stainless-timeout': null } } as const;
    const { req, url } = await sdk.client.buildRequest(options);
    await sdk.client['prepareRequest'](req, { url, options });
    noteSecrets(req.headers);
    return { sdk, options, address: addressOf(url), headers: req.headers };
  }

  async function prepared(own: Readonly<Record<string, string>>): Promise<Prepared> {
    const name = JSON.stringify(own);
    const known = lasting.get(name);
    if (known !== undefined) return known;
    let sdk: Sdk;
    try {
      sdk = await (loading ??= load());
    } catch (error) {
      loading = undefined;
      throw new AttemptError({ kind: 'credentials', message: errorText(error) }, { cause: error });
    }
    try {
      const made = await prepare(sdk, own);
      if (!renewable(sdk)) lasting.set(name, made);
      return made;
    } catch (error) {
      const failed = asAttemptError(error, sdk);
      if (failed.fault.kind !== 'credentials') throw failed;
      if (trouble !== undefined) throw new AttemptError({ kind: 'connection', message: trouble }, { cause: error });
      // The SDK would remember this answer; a person may log in while the process lives on.
      loading = undefined;
      throw failed;
    }
  }

  return {
    secrets,
    renewable: () => loaded !== undefined && renewable(loaded),
    async send(body, own, signal) {
      const { sdk, options, address, headers } = await prepared(own);
      let response: Response;
      try {
        response = await fetchOnce(address, { method: 'POST', headers, body, signal });
      } catch (error) {
        throw asAttemptError(new sdk.names.APIConnectionError({ cause: error as Error }), sdk);
      }
      trouble = undefined;
      if (!response.ok) {
        // Here the SDK drops a token that was refused.
        await sdk.client['shouldRetry'](response, options);
        throw refused(sdk, response, await response.text(), now());
      }
      if (response.body !== null) return { headers: response.headers, stream: response.body };
      throw new AttemptError({ kind: 'malformed', status: response.status, message: 'an answer without a stream' });
    },
  };
}

function asAttemptError(error: unknown, { client, names }: Sdk): AttemptError {
  const chain = causes(error);
  const own = chain.find((cause) => cause instanceof AttemptError);
  if (own !== undefined) return own;
  const network = chain.findLast((cause) => codeOf(cause) !== undefined);
  // What else the SDK throws before it sends anything is about credentials: it does nothing else there.
  if (network === undefined && !(error instanceof names.APIConnectionError)) {
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
  // Every runtime has its own words for it, most with the value in them.
  if (/^Header .* invalid value|\binvalid header value\b/is.test(said))
    return 'the key or token holds a line break or another character that no header takes';
  return said;
}

function refused({ names }: Sdk, { status, headers }: Response, text: string, now: number): AttemptError {
  const body = jsonOf(text);
  const { message } = names.APIError.generate(status, body, body ? undefined : text, headers);
  const retryAfter = retryAfterMs(headers, now);
  const shouldRetry = headers.get('x-should-retry');
  return new AttemptError({
    kind: 'response',
    status,
    ...(errorOf(body) ?? { message: message.replace(/^\d{3} /, '') }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(shouldRetry === 'true' || shouldRetry === 'false' ? { shouldRetry: shouldRetry === 'true' } : {}),
  });
}

/** Undefined for what is no JSON: a gateway may answer with a page. */
function jsonOf(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
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
