// Owns: the life of `aworkers mcp`: serve over stdio until something ends it, then end in order.
// Promises: the end of stdin, a closed stdout, SIGTERM, SIGINT and SIGHUP all lead to manager.close and a return within 300 ms,
// also in the middle of a wait; answers already owed are given, and what was written is handed over before the return.
// Never: exits the process: the caller does, with code 0, as soon as this returns.
import { errorText } from '../contract/errors.ts';
import type { WorkerManager } from '../contract/manager.ts';
import { createServer, type ServerInfo, type ServerOptions } from './server.ts';
import { StdioTransport } from './stdio-transport.ts';
import { surviveUncaught } from './survive.ts';

const signalNames = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

type ExitReason = 'stdin ended' | 'stdout closed' | (typeof signalNames)[number];

/** `process`, or an emitter in tests. */
type SignalSource = { on(name: (typeof signalNames)[number], handler: () => void): unknown };

type StdioOptions = Omit<ServerOptions, 'signal' | 'log'> & {
  /** Asked for by the first call that needs it. */
  readonly manager: () => Promise<WorkerManager>;
  readonly info: ServerInfo;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly signals: SignalSource;
  readonly log: (line: string) => void;
  /** Default 64 MiB. */
  readonly maxMessageBytes?: number;
};

/** Answers to calls that are nearly done; open waits are ended first and count no longer. */
const answerMs = 50;
const endMs = 280;
/** After the end of stdin a reader may still take what was written (`… | aworkers mcp | …`): nothing runs any more. */
const readerMs = 2_000;

export async function serveStdio(options: StdioOptions): Promise<ExitReason> {
  const { info, stdin, stdout, signals, log } = options;
  surviveUncaught(log);
  const ended = firstEnd(stdin, stdout, signals);
  const shutdown = new AbortController();
  const transport = new StdioTransport(stdin, stdout, options.maxMessageBytes);
  let manager: WorkerManager | undefined;
  const server = createServer(async () => (manager = await options.manager()), info, {
    ...options,
    signal: shutdown.signal,
  });
  await server.connect(transport);

  const reason = await ended;
  const until = Date.now() + endMs;
  shutdown.abort(new Error(`aworkers is ending (${reason}); its workers can be resumed when it runs again.`));
  await within(answerMs, transport.idle());
  const closed = manager?.close(reason).catch((error: unknown) => log(`Closing failed: ${errorText(error)}`));
  await within(until - Date.now(), closed);
  await server.close();
  await within(reason === 'stdin ended' ? readerMs : until - Date.now(), transport.flushed());
  return reason;
}

/** The handlers stay: a second signal, or a late EPIPE, must not end the process by itself. */
function firstEnd(
  stdin: NodeJS.ReadableStream,
  stdout: NodeJS.WritableStream,
  signals: SignalSource,
): Promise<ExitReason> {
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) stdin.on(event, () => resolve('stdin ended'));
    for (const event of ['close', 'error']) stdout.on(event, () => resolve('stdout closed'));
    for (const name of signalNames) signals.on(name, () => resolve(name));
  });
}

async function within(ms: number, work: Promise<void> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
