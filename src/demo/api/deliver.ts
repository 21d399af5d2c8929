// Owns: writing one answer to the socket, at its pace, with its breakage.
// Promises: says how it went; every wait ends when the client or the server goes away.
// Never: decides what to say.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { assertNever } from '../../contract/errors.ts';
import { type StreamEvent, eventsOf } from './events.ts';
import type { BuiltMessage } from './message.ts';
import { errorBody } from './problem.ts';
import type { Fault, Reply, StreamBreak, WireStyle } from './sendable.ts';
import { cutUp, encodeEvent } from './sse.ts';

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

export type Outcome = 'sent' | 'broken' | 'aborted';

export type Line = {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Headers of every answer: request-id and limits. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal;
};

/** `begun` is called when the first byte of the message goes out. */
export async function deliverReply(
  line: Line,
  reply: Reply,
  message: BuiltMessage,
  stream: boolean,
  begun: () => void,
): Promise<Outcome> {
  try {
    await pause(reply.firstByteMs, line.signal);
    return stream ? await sendStream(line, reply, message, begun) : await sendWhole(line, reply, message, begun);
  } catch (error) {
    if (line.signal.aborted) return 'aborted';
    throw error;
  }
}

export function deliverFault(line: Line, fault: Fault): Outcome {
  if (fault.hangUp === true) {
    line.response.req.socket.resetAndDestroy();
    return 'broken';
  }
  if (typeof fault.body === 'string') {
    line.response.writeHead(fault.status, { ...fault.headers }).end(fault.body);
  } else {
    const body = JSON.stringify(errorBody({ status: fault.status, ...fault.body }, line.requestId));
    const headers = { 'content-type': 'application/json', ...line.headers, ...fault.headers };
    line.response.writeHead(fault.status, headers).end(body);
  }
  return 'sent';
}

export function deliverJson(
  line: Line,
  status: number,
  body: unknown,
  extra: Readonly<Record<string, string>> = {},
): void {
  const headers = { 'content-type': 'application/json', ...line.headers, ...extra };
  line.response.writeHead(status, headers).end(JSON.stringify(body));
}

async function sendWhole(line: Line, reply: Reply, message: BuiltMessage, begun: () => void): Promise<Outcome> {
  const { broken } = reply;
  if (broken?.how === 'error_event') {
    const type = broken.error?.type ?? 'api_error';
    const status = type === 'overloaded_error' ? 529 : 500;
    deliverJson(line, status, errorBody({ status, type, message: broken.error?.message ?? type }, line.requestId));
    return 'broken';
  }
  const content = message.blocks.map(({ block }) => block);
  const { container, ...stop } = message.stop;
  const json = JSON.stringify({ ...message.head, content, ...stop, container, usage: message.usage });
  const bytes = reply.wire?.gzip === true ? gzipSync(json) : Buffer.from(json);
  begun();
  line.response.writeHead(200, {
    'content-type': 'application/json',
    ...(broken === undefined ? { 'content-length': String(bytes.length) } : {}),
    ...(reply.wire?.gzip === true ? { 'content-encoding': 'gzip' } : {}),
    ...line.headers,
    ...reply.headers,
  });
  if (broken === undefined) {
    line.response.end(bytes);
    return 'sent';
  }
  line.response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
  return breakOff(line, broken, {});
}

async function sendStream(line: Line, reply: Reply, message: BuiltMessage, begun: () => void): Promise<Outcome> {
  const style = reply.wire ?? {};
  const events = eventsOf(message, style);
  const stopAt = breakIndex(reply.broken, events);
  if (reply.broken !== undefined && stopAt === 0 && reply.broken.how === 'stall')
    return breakOff(line, reply.broken, style);
  line.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...(style.gzip === true ? { 'content-encoding': 'gzip' } : {}),
    ...line.headers,
    ...reply.headers,
  });
  begun();
  const whole = style.gzip === true;
  const parts = events.slice(0, stopAt).map((event) => encodeEvent(event, style));
  if (style.bom === true) parts.unshift(byteOrderMark);
  if (whole) await write(line, gzipSync(Buffer.concat(parts)), style);
  else if (reply.deltaMs === undefined) await write(line, Buffer.concat(parts), style);
  else {
    for (const part of parts) {
      await pause(reply.deltaMs, line.signal);
      await write(line, part, style);
    }
  }
  if (reply.broken !== undefined) return breakOff(line, reply.broken, style);
  line.response.end();
  return 'sent';
}

async function breakOff(line: Line, broken: StreamBreak, style: WireStyle): Promise<Outcome> {
  const { response } = line;
  switch (broken.how) {
    case 'fin':
      response.end();
      return 'broken';
    case 'reset':
      await flushed(line);
      response.req.socket.resetAndDestroy();
      return 'broken';
    case 'error_event':
      response.end(encodeEvent({ type: 'error', error: broken.error, request_id: line.requestId }, style));
      return 'broken';
    case 'stall':
      return hold(line, broken.pingMs, style);
    default:
      return assertNever(broken.how);
  }
}

/** Only the client's leaving, or the server's close, ends it: by a rejection. */
async function hold(line: Line, pingMs: number | undefined, style: WireStyle): Promise<never> {
  for (;;) {
    await sleep(pingMs ?? 3_600_000, undefined, { signal: line.signal });
    line.response.write(encodeEvent({ type: 'ping' }, style));
  }
}

function breakIndex(broken: StreamBreak | undefined, events: readonly StreamEvent[]): number {
  if (broken === undefined) return events.length;
  if (typeof broken.at === 'number') return Math.min(broken.at, events.length);
  if (broken.at === 'before_stop') return events.length - 1;
  const delta = events.findIndex((event) => event.type === 'content_block_delta');
  return delta < 0 ? events.length - 1 : delta + 1;
}

/** Asked for pieces, waits until the client reads, then a turn of the event loop after each, so that they arrive as cut. */
async function write(line: Line, bytes: Buffer, style: WireStyle): Promise<void> {
  if (style.pieces !== undefined) await pause(5, line.signal);
  for (const part of cutUp(bytes, style.pieces)) {
    line.signal.throwIfAborted();
    if (!line.response.write(part)) await once(line.response, 'drain', { signal: line.signal });
    if (style.pieces !== undefined) await new Promise<void>((done) => void setImmediate(done));
  }
}

/** What was written has left the process: a reset throws away what has not. */
async function flushed(line: Line): Promise<void> {
  await new Promise<void>((done) => {
    line.response.write('', () => done());
    line.signal.addEventListener('abort', () => done(), { once: true });
  });
  await pause(5, line.signal);
}

async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (ms !== undefined && ms > 0) await sleep(ms, undefined, { signal });
}
