// Owns: one GET on the public web: the guarded connection, redirects, bounds, unpacking.
// Promises: every address is checked when it is connected to, so a name that changes its mind finds nothing open; every
// redirect is a new connection, and to another host only with the caller's consent; no cookie, credential or proxy.
// Never: reaches loopback, link-local, private, shared or reserved addresses, in whatever spelling.
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6, type TcpSocketConnectOpts } from 'node:net';
import type { Readable, Transform } from 'node:stream';
import { codeOf } from '../contract/errors.ts';
import { grouped } from '../contract/text.ts';
import { version } from '../version.ts';
import { ToolFailure } from './define-tool.ts';
import type { Limits } from './limits.ts';

type LookupAll = (
  host: string,
  options: LookupOptions,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** For tests, which have servers on loopback only. The program never sets it. */
export type Network = { readonly allow?: readonly string[]; readonly lookup?: LookupAll };

export type Page = {
  readonly url: URL;
  /** Lower case, without parameters; '' when the server named none. */
  readonly mediaType: string;
  readonly charset: string | undefined;
  readonly body: Buffer;
  /** The body was longer than the limit. */
  readonly cut: boolean;
};

/** A redirect to a host that was not judged. */
export type Elsewhere = { readonly from: URL; readonly to: URL };

export type PageRequest = {
  readonly limits: Limits;
  /** Whether a redirect to this address of another host may be followed. */
  readonly mayFetch: (url: string) => Promise<boolean>;
  readonly network?: Network | undefined;
};

const maxRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

export async function requestPage(start: URL, request: PageRequest, signal: AbortSignal): Promise<Page | Elsewhere> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const answer = await get(url, request.network ?? {}, signal);
    const status = answer.statusCode ?? 0;
    const { location } = answer.headers;
    if (!redirects.includes(status) || location === undefined) return await read(url, answer, request.limits);
    answer.destroy();
    const next = redirectTarget(url, location);
    if (next.hostname !== url.hostname && !(await request.mayFetch(next.href))) return { from: url, to: next };
    url = next;
  }
  throw new ToolFailure(`${start.href} was redirected more than ${maxRedirects} times.`);
}

/** Throws for what is no address of a page. */
export function webAddress(text: string): URL {
  if (!URL.canParse(text))
    throw new ToolFailure(`"${text}" is not a URL. Give it whole, such as https://example.com/page.`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolFailure(`Only http and https can be fetched, not ${url.protocol.slice(0, -1)}.`);
  }
  if (url.username !== '' || url.password !== '')
    throw new ToolFailure('A URL with a user name or password is not fetched.');
  url.hash = '';
  return url;
}

function redirectTarget(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new ToolFailure(`${from.href} redirects to no valid address.`);
  return webAddress(new URL(location, from.href).href);
}

async function get(url: URL, network: Network, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  const [{ request }, guard, dns] = await Promise.all([
    secure ? import('node:https') : import('node:http'),
    import('request-filtering-agent'),
    import('node:dns'),
  ]);
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  if (isIP(host) !== 0 && isReserved(host)) throw notPublic(url, host);
  const lookup: LookupAll = (name, options, done) => {
    const all = network.lookup ?? (dns.lookup as unknown as LookupAll);
    all(name, { ...options, all: true }, (error, addresses) => {
      const reserved = error === null ? addresses.find(({ address }) => isReserved(address)) : undefined;
      done(reserved === undefined ? error : notPublic(url, reserved.address), addresses);
    });
  };
  const settings = { keepAlive: false, lookup: asLookup(lookup), allowIPAddressList: [...(network.allow ?? [])] };
  const agent = secure ? new guard.RequestFilteringHttpsAgent(settings) : new guard.RequestFilteringHttpAgent(settings);
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers, signal });
    sent.once('response', resolve);
    sent.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : failure(url, error)));
    sent.end();
  });
}

const headers = {
  'user-agent': `aworkers/${version}`,
  accept:
    'text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, application/json;q=0.8, text/*;q=0.8, */*;q=0.1',
  'accept-encoding': 'identity',
} as const;

type NodeLookup = NonNullable<TcpSocketConnectOpts['lookup']>;

/** Node asks for one address or for all of them. */
function asLookup(lookup: LookupAll): NodeLookup {
  return (name, options, done) => {
    lookup(name, options, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) done(error ?? new Error(`no address for ${name}`), '');
      else if (options.all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

/** What the guard's table lets through and is no place for a page: IPv6 outside global unicast, one cloud's metadata service. */
function isReserved(address: string): boolean {
  if (!isIPv6(address)) return address === '168.63.129.16';
  return Number.parseInt(address.split(':')[0] || '0', 16) >>> 13 !== 1;
}

function notPublic(url: URL, address: string): ToolFailure {
  const which = url.hostname.includes(address) ? address : `${url.hostname} (${address})`;
  return new ToolFailure(
    `${which} is not an address on the public web: it is not fetched. There is no way around this.`,
  );
}

function failure(url: URL, error: Error): ToolFailure {
  if (error instanceof ToolFailure) return error;
  const refused = /^DNS lookup (\S+)\(family:.*is not allowed/.exec(error.message)?.[1];
  if (refused !== undefined) return notPublic(url, refused);
  const known = codeOf(error);
  const code = known === undefined ? '' : ` (${known})`;
  const what = /ENOTFOUND|EAI_/.test(code) ? 'the name is not known' : error.message;
  return new ToolFailure(`${url.href} cannot be reached: ${what}${code}.`, { cause: error });
}

async function read(url: URL, answer: IncomingMessage, limits: Limits): Promise<Page> {
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) {
    answer.destroy();
    throw new ToolFailure(`${url.href} answered ${status}${answer.statusMessage ? ` ${answer.statusMessage}` : ''}.`);
  }
  const [mediaType = '', ...parameters] = (answer.headers['content-type'] ?? '').split(';').map((part) => part.trim());
  const charset = parameters
    .map((part) => /^charset\s*=\s*"?([^"\s]+)/i.exec(part)?.[1])
    .find((name) => name !== undefined);
  const { body, cut } = await collect(url, await unpacked(url, answer), limits.webBytes);
  return { url, mediaType: mediaType.toLowerCase(), charset, body, cut };
}

/** We ask for no compression; some servers compress all the same. */
async function unpacked(url: URL, answer: IncomingMessage): Promise<Readable> {
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return answer;
  const zlib = await import('node:zlib');
  const unpack: Transform | undefined = /^(x-)?gzip$|^deflate$/.test(encoding)
    ? zlib.createUnzip()
    : encoding === 'br'
      ? zlib.createBrotliDecompress()
      : undefined;
  if (unpack === undefined)
    throw new ToolFailure(`${url.href} came in the encoding "${encoding}", which is not known here.`);
  answer.on('error', (error) => unpack.destroy(error));
  unpack.on('close', () => answer.destroy());
  return answer.pipe(unpack);
}

async function collect(url: URL, stream: Readable, limit: number): Promise<{ body: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break; // leaving the loop destroys the stream, and with it the connection
    }
  } catch (cause) {
    throw new ToolFailure(`${url.href} broke off after ${grouped(size)} bytes.`, { cause });
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), cut: size > limit };
}
