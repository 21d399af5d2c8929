// Owns: one live session with a server.
// Promises: initialised, or an error that says what the server did instead; its loss is told once, with the reason.
// Never: announces a capability: servers get no roots, no sampling, no questions to a person.
import { AworkersError, errorText } from '../contract/errors.ts';
import type { ToolOutput } from '../contract/ports.ts';
import type { Host } from './host.ts';
import { openTransport, type Reachable, redact } from './open-transport.ts';
import type { ListedTool } from './sdk.ts';

export type Live = {
  /** The server said that its tools are others now; `list` takes note. */
  readonly listChanged: boolean;
  list(signal: AbortSignal): Promise<readonly ListedTool[]>;
  /** Throws Lost when the server went, else what the protocol says. */
  call(tool: string, input: Readonly<Record<string, unknown>>, limit: CallLimit): Promise<ToolOutput>;
  onLost(listener: (how: string) => void): void;
  close(): Promise<void>;
};

type CallLimit = { readonly signal: AbortSignal; readonly timeout: number; readonly resetTimeoutOnProgress: boolean };

const maxPages = 100;

/** The server is gone; the message says how. */
export class Lost extends Error {}

export async function openClient(launch: Reachable, host: Host, closing: AbortSignal): Promise<Live> {
  const sdk = await import('./sdk.ts');
  const { toolOutput } = await import('./result.ts');
  const opened = await openTransport(launch, host);
  const client = new sdk.Client({ name: 'aworkers', version: host.version });
  const lost = Promise.withResolvers<string>();
  let listChanged = false;
  Object.assign(client, {
    onclose: () => lost.resolve(redact(opened.end() ?? 'the connection was closed', launch)),
  });
  client.setNotificationHandler(sdk.ToolListChangedNotificationSchema, () => {
    listChanged = true;
  });
  await connect();

  async function connect(): Promise<void> {
    const late = new AbortController();
    const expire = () => late.abort(new AworkersError('io', `it did not answer within ${host.startMs / 1_000} s`, ''));
    const timer = setTimeout(expire, host.startMs);
    try {
      await withOwnSignal(AbortSignal.any([closing, late.signal]), (signal) =>
        client.connect(opened.transport, { signal, timeout: 2 * host.startMs }),
      );
    } catch (error) {
      const end = opened.end(); // before it is ended by us
      await opened.transport.close();
      late.signal.throwIfAborted();
      throw new AworkersError('io', redact(end ?? errorText(error), launch), '', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async function asking<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withOwnSignal(signal, request);
    } catch (error) {
      if (signal.aborted) throw error;
      const isClosed = client.transport === undefined;
      if (!isClosed && !opened.isGone(error)) throw new Error(redact(errorText(error), launch), { cause: error });
      lost.resolve(redact(opened.end() ?? errorText(error), launch));
      await client.close();
      throw new Lost(await lost.promise, { cause: error });
    }
  }

  return {
    get listChanged() {
      return listChanged;
    },
    async list(signal) {
      listChanged = false;
      if (client.getServerCapabilities()?.tools === undefined) return [];
      const tools: ListedTool[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const request = { method: 'tools/list' as const, ...(cursor === undefined ? {} : { params: { cursor } }) };
        const answer = await asking(signal, (own) =>
          client.request(request, sdk.ListToolsResultSchema, { signal: own, timeout: host.startMs }),
        );
        tools.push(...answer.tools);
        cursor = answer.nextCursor;
        if (cursor === undefined) return tools;
      }
      throw new AworkersError('io', `it lists its tools on more than ${maxPages} pages`, '');
    },
    async call(tool, input, limit) {
      const request = { method: 'tools/call' as const, params: { name: tool, arguments: { ...input } } };
      // A listener makes the SDK ask for progress, which keeps a call alive that has no limit of its own.
      const options = { ...limit, onprogress: () => {} };
      const answer = await asking(limit.signal, (signal) =>
        client.request(request, sdk.CallToolResultSchema, { ...options, signal }),
      );
      return toolOutput(answer, host);
    },
    onLost: (listener) => void lost.promise.then(listener),
    async close() {
      await opened.goodbye();
      await client.close();
    },
  };
}

/** The SDK never lets go of a signal, and would withdraw even answered requests when it aborts. */
async function withOwnSignal<T>(signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
