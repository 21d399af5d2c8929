// Owns: what can go wrong with one attempt at a reply, as the wire showed it, before anyone judges it.
// Promises: every failure of an attempt is one AttemptError with one Fault.
// Never: decides whether to try again (failure.ts), or is shown to a person as it is: `message` may quote a server.
import { errorText } from '../contract/errors.ts';
import { isObject } from '../contract/json.ts';

export type Fault = {
  readonly kind:
    | 'response' // an answer with an error status
    | 'event' // `event: error`, or an error body under status 200
    | 'cut' // the stream ended or broke before message_stop
    | 'malformed' // an answer that is no Messages API stream
    | 'connection' // no answer: refused, reset, name not found
    | 'stalled' // the watchdog gave up
    | 'redirected'
    | 'credentials'; // none found, or they could not be read
  readonly message: string;
  readonly status?: number;
  /** `error.type` of the body. */
  readonly type?: string;
  /** `error.details.error_code` of the body. */
  readonly code?: string;
  readonly retryAfterMs?: number;
  /** The server's own word on trying again (x-should-retry). */
  readonly shouldRetry?: boolean;
};

export class AttemptError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, options?: { cause?: unknown }) {
    super(fault.message, options);
    this.name = 'AttemptError';
    this.fault = fault;
  }
}

/** What a runtime says of a connection, without its advice to programmers, which follows after the first sentence. */
export function networkText(error: unknown): string {
  const text = errorText(error);
  return text.split(/[.?!]\s/, 1)[0] ?? text;
}

/** The error object of a body or an `error` event; undefined when it has none. */
export function errorOf(body: unknown): Pick<Fault, 'message' | 'type' | 'code'> | undefined {
  if (!isObject(body) || !isObject(body['error'])) return undefined;
  const { type, message, details } = body['error'];
  const code = isObject(details) ? details['error_code'] : undefined;
  return {
    message: typeof message === 'string' ? message : 'no message',
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}
