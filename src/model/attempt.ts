// Owns: one attempt at a reply: from a request that was sent to its reply, or an AttemptError.
// Promises: resolves at message_stop; a cut, stalled or unreadable stream is an AttemptError; an abort rejects with its reason;
// the connection is drained for reuse after a reply and closed after anything else.
// Never: retries.
import { isObject } from '../contract/json.ts';
import { type Accumulated, type Accumulator, createAccumulator } from './accumulate.ts';
import { AttemptError, errorOf, networkText } from './fault.ts';
import type { Call } from './fleet.ts';
import { createSseParser } from './sse.ts';
import type { Answer } from './transport.ts';
import type { Watchdog } from './watchdog.ts';

export type Attempted = Accumulated & { readonly request_id: string | null };

/** `sent` under the signal of the call. `onStart` is called once, at message_start: from then on the API has the prompt in its cache. */
export async function attempt(
  sent: Promise<Answer>,
  watchdog: Watchdog,
  onStart: (headers: Headers) => void,
  call: Call,
): Promise<Attempted> {
  const { signal } = call;
  const watch = watchdog.watch((message) => call.giveUp(new AttemptError({ kind: 'stalled', message })));
  let stream: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const answer = await sent;
    const { headers } = answer;
    const accumulator = createAccumulator();
    const reader = readerFor(headers, accumulator);
    stream = answer.stream.getReader();
    watch.touch();
    let announced = false;
    for (;;) {
      const { done, value } = await stream.read();
      if (signal.aborted) throw signal.reason;
      if (done) {
        reader.end();
        break;
      }
      watch.touch();
      reader.push(value);
      if (accumulator.started && !announced) {
        announced = true;
        onStart(headers);
      }
      if (accumulator.stopped) {
        drain(stream);
        break;
      }
    }
    return { ...accumulator.finish(), request_id: headers.get('request-id') ?? headers.get('x-request-id') };
  } catch (error) {
    if (stream !== undefined) closeEarly(stream);
    if (signal.aborted) throw signal.reason;
    if (error instanceof AttemptError) throw error;
    throw new AttemptError({ kind: 'cut', message: networkText(error) }, { cause: error });
  } finally {
    watch.stop();
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
