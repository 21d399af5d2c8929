// Owns: one attempt at a reply: request out, stream in, reply or AttemptError.
// Promises: resolves at message_stop; a cut, stalled or unreadable stream is an AttemptError; an abort rejects with its reason;
// the connection is drained for reuse after a reply and closed after anything else.
// Never: retries.
import { isObject } from '../contract/json.ts';
import type { Clock } from '../contract/ports.ts';
import { type Accumulated, type Accumulator, createAccumulator } from './accumulate.ts';
import { AttemptError, errorOf, networkText } from './fault.ts';
import type { WireRequest } from './request.ts';
import { createSseParser } from './sse.ts';
import type { Transport } from './transport.ts';
import { type Silence, startWatchdog } from './watchdog.ts';

export type Attempted = Accumulated & { readonly request_id: string | null };

export type AttemptWorld = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly silence: Silence;
};

/** `onStart` is called once, at message_start: from then on the API has the prompt in its cache. */
export async function attempt(
  request: WireRequest,
  { transport, clock, silence }: AttemptWorld,
  onStart: (headers: Headers) => void,
  signal: AbortSignal,
): Promise<Attempted> {
  const ended = new AbortController();
  const onAbort = (): void => ended.abort(signal.reason);
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', onAbort, { once: true });
  const watchdog = startWatchdog(clock, silence, (message) =>
    ended.abort(new AttemptError({ kind: 'stalled', message })),
  );
  try {
    const { headers, stream } = await transport.send(request.body, request.headers, ended.signal);
    watchdog.touch();
    const accumulator = createAccumulator();
    const reader = readerFor(headers, accumulator);
    let announced = false;
    await readStream(stream, ended.signal, (bytes) => {
      watchdog.touch();
      reader.push(bytes);
      if (accumulator.started && !announced) {
        announced = true;
        onStart(headers);
      }
      return accumulator.stopped;
    });
    if (!accumulator.stopped) reader.end();
    return { ...accumulator.finish(), request_id: headers.get('request-id') ?? headers.get('x-request-id') };
  } catch (error) {
    if (ended.signal.aborted) throw ended.signal.reason;
    if (error instanceof AttemptError) throw error;
    throw new AttemptError({ kind: 'cut', message: networkText(error) }, { cause: error });
  } finally {
    watchdog.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

type Reader = { push(bytes: Uint8Array): void; end(): void };

/** Some servers do not stream, and some put an error under status 200: both answer with JSON. */
function readerFor(headers: Headers, accumulator: Accumulator): Reader {
  const type = headers.get('content-type') ?? '';
  if (!/\bjson\b/i.test(type)) {
    const sse = createSseParser((event) => accumulator.apply(event));
    return {
      push: (bytes) => sse.push(bytes),
      end() {
        sse.end();
        if (accumulator.started) return;
        throw new AttemptError({ kind: 'malformed', message: `no event in an answer of type "${type}"` });
      },
    };
  }
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  return {
    push: (bytes) => void pieces.push(decoder.decode(bytes, { stream: true })),
    end: () => readJson(pieces.join('') + decoder.decode(), accumulator),
  };
}

function readJson(text: string, accumulator: Accumulator): void {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new AttemptError({ kind: 'cut', message: 'the answer is not whole JSON' }, { cause: error });
  }
  const error = errorOf(body);
  if (error !== undefined) throw new AttemptError({ kind: 'event', ...error });
  if (!isObject(body) || body['type'] !== 'message') {
    throw new AttemptError({ kind: 'malformed', message: 'JSON that is no message' });
  }
  accumulator.applyMessage(body);
}

/** Resolves at the end, or as soon as `onBytes` says that it has all it needs. */
async function readStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onBytes: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const reader = stream.getReader();
  const close = (): void => closeEarly(reader);
  signal.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      if (onBytes(value)) return drain(reader);
    }
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** The rest of a finished reply is an end mark: read it, so that the connection can serve the next request. */
function drain(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  const timer = setTimeout(() => closeEarly(reader), 2000);
  timer.unref();
  const rest = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  rest()
    .catch(() => undefined) // the reply is whole; the connection is not used again
    .finally(() => clearTimeout(timer));
}

function closeEarly(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  reader.cancel().catch(() => undefined); // it may be broken already
}
