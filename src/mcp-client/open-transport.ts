// Owns: the way to a server, and what is specific to it: how its loss shows, how one takes leave.
// Promises: an error text carries no value of the entry's env or headers, and no query of its address.
import { codeOf } from '../contract/errors.ts';
import type { Launch } from './config.ts';
import type { Host } from './host.ts';
import type { Transport } from './sdk.ts';

export type Reachable = Extract<Launch, { readonly type: 'stdio' | 'http' }>;

export type Opened = {
  readonly transport: Transport;
  /** How the server ended, if it did. */
  end(): string | undefined;
  /** True for a failed request that says that the session is over. */
  isGone(error: unknown): boolean;
  goodbye(): Promise<void>;
};

const goodbyeMs = 100;

export async function openTransport(launch: Reachable, host: Host): Promise<Opened> {
  if (launch.type === 'stdio') {
    const { ProcessTransport } = await import('./process-transport.ts');
    const transport = new ProcessTransport(host.startProcess(launch));
    return {
      transport,
      end: () => transport.end,
      isGone: () => transport.end !== undefined,
      goodbye: () => Promise.resolve(),
    };
  }
  const { StreamableHTTPClientTransport, StreamableHTTPError } = await import('./sdk.ts');
  const transport = new StreamableHTTPClientTransport(new URL(launch.url), {
    requestInit: { headers: { ...launch.headers } },
  });
  return {
    transport,
    end: () => undefined,
    // No answer at all, or a session that the server no longer knows.
    isGone: (error) => (error instanceof StreamableHTTPError ? error.code === 404 : isNetwork(error)),
    goodbye: async () => {
      const left = transport.terminateSession().catch(() => undefined); // a courtesy
      await Promise.race([left, new Promise((resolve) => setTimeout(resolve, goodbyeMs))]);
    },
  };
}

export function redact(text: string, launch: Reachable): string {
  const values = Object.values(launch.type === 'stdio' ? launch.env : launch.headers);
  const query = launch.type === 'http' ? [new URL(launch.url).search] : [];
  return [...values, ...values.map((value) => value.replace(/^\w+ /, '')), ...query]
    .filter((secret) => secret.length >= 8)
    .reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

/** fetch tells a network failure by a TypeError; Bun by an Error with a code. */
function isNetwork(error: unknown): boolean {
  return error instanceof TypeError || codeOf(error) !== undefined;
}
