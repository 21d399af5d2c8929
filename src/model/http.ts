// Owns: the fetch under the SDK: the runtime's own, with what every request here needs (src/decisions/transport.md).
// Promises: redirects are refused; no proxy to this machine itself, elsewhere as the environment of the process says; no silence
// but the watchdog's ends a request; what is not the stream of a reply is read, up to a size.
// Never: retries, or buffers the stream of a reply.
import { AttemptError } from './fault.ts';

/** Error bodies are for a hint of 300 characters. */
const maxBodyBytes = 1024 * 1024;

/** A proxy would look for it on its own machine: a gateway or a demo here is out of its reach. */
const thisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Bun's own settings, which other runtimes pass over: its fetch gives up after five quiet minutes by default. */
const patient = { timeout: false };
const direct = { proxy: false };

/** What holds for every request to one address. */
export type Address = {
  readonly href: string;
  readonly url: URL;
  readonly settings: RequestInit;
  /** A reply of status 200 from here is a stream. */
  readonly streams: boolean;
};

export function addressOf(href: string): Address {
  const url = new URL(href);
  return {
    href,
    url,
    settings: { ...patient, ...(thisMachine.test(url.hostname) ? direct : {}), redirect: 'manual' },
    streams: url.pathname.endsWith('/v1/messages'),
  };
}

export async function fetchOnce({ href, url, settings, streams }: Address, init: RequestInit): Promise<Response> {
  const response = await fetch(href, { ...init, ...settings });
  const { status } = response;
  if (status === 200 && streams) return response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw new AttemptError({
      kind: 'redirected',
      status,
      message: `to ${hostOf(response.headers.get('location'), url)}`,
    });
  }
  return new Response(await startOf(response), { status, headers: response.headers });
}

/** The status says what happened; a body that breaks off only makes the hint poorer. */
async function startOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  let size = 0;
  try {
    while (size <= maxBodyBytes) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // what was read before it broke off is all there is
  }
  return text;
}

function hostOf(location: string | null, base: URL): string {
  return location !== null && URL.canParse(location, base.href) ? new URL(location, base).origin : 'no valid address';
}
