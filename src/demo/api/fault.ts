// Owns: everything that can go wrong on the way, as data: whole answers that are no message, and streams that break.
// Promises: statuses, bodies and headers as the API and the proxies before it are documented to send.
// Never: I/O.
import { toSendable } from './reply.ts';
import type { BreakPlace, Fault, Reply, Step, StreamBreak } from './sendable.ts';

function api(name: string, status: number, type: string, message: string, headers: Fault['headers'] = {}): Fault {
  return { kind: 'fault', name, status, headers, body: { type, message } };
}

function page(name: string, status: number, contentType: string, body: string): Fault {
  return { kind: 'fault', name, status, headers: { 'content-type': contentType }, body };
}

export type RetryAfter = { readonly seconds: number } | { readonly date: Date } | { readonly ms: number } | undefined;

export function rateLimited(retryAfter?: RetryAfter, headers: Fault['headers'] = {}): Fault {
  const message =
    "This request would exceed your organization's rate limit of 30,000 input tokens per minute (org: scripted, model: scripted).";
  return api('rate_limited', 429, 'rate_limit_error', message, { ...retryHeaders(retryAfter), ...headers });
}

function retryHeaders(after: RetryAfter): Fault['headers'] {
  if (after === undefined) return {};
  if ('seconds' in after) return { 'retry-after': String(after.seconds) };
  return 'ms' in after ? { 'retry-after-ms': String(after.ms) } : { 'retry-after': after.date.toUTCString() };
}

/** A spend cap: 429 that no waiting lifts, told by its error_code. */
export function spendCap(errorCode = 'enforced_spend_limit_reached'): Fault {
  const message = 'Your organization has reached its spend limit.';
  const body = { type: 'rate_limit_error', message, details: { error_code: errorCode } };
  return { kind: 'fault', name: 'spend_cap', status: 429, headers: {}, body };
}

export function ownLimit(): Fault {
  return api('own_limit', 400, 'invalid_request_error', 'You have reached your specified API usage limits.');
}

export function lowCredit(): Fault {
  const message = 'Your credit balance is too low to access the Anthropic API.';
  return api('low_credit', 400, 'invalid_request_error', message);
}

export function billing(): Fault {
  return api('billing', 402, 'billing_error', 'There is an issue with your billing or payment information.');
}

export function forbidden(): Fault {
  return api('forbidden', 403, 'permission_error', 'Your API key does not have permission to use this resource.');
}

export function wrongKey(): Fault {
  return api('wrong_key', 401, 'authentication_error', 'invalid x-api-key');
}

export function overloaded(headers: Fault['headers'] = {}): Fault {
  return api('overloaded', 529, 'overloaded_error', 'Overloaded', headers);
}

export function serverError(): Fault {
  return api('server_error', 500, 'api_error', 'Internal server error');
}

export function requestTimeout(): Fault {
  return api('request_timeout', 408, 'timeout_error', 'Request timed out');
}

export function gatewayTimeout(): Fault {
  return api('gateway_timeout', 504, 'timeout_error', 'Request timed out');
}

export function conflict(): Fault {
  return api('conflict', 409, 'conflict_error', 'The request conflicts with another one in flight.');
}

export function tooLarge(): Fault {
  return page('too_large', 413, 'text/plain', 'Request Entity Too Large');
}

export function htmlError(status: 500 | 502 | 503 = 500): Fault {
  const title = { 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable' }[status];
  return page(`html_${status}`, status, 'text/html', `<html><head><title>${status} ${title}</title></head></html>`);
}

export function emptyBody(status = 200): Fault {
  return page(`empty_${status}`, status, 'application/json', '');
}

/** Some proxies answer 200 and put the error in the body. */
export function errorWith200(type = 'api_error', message = 'Internal server error'): Fault {
  return api('error_with_200', 200, type, message);
}

export function redirect(location: string): Fault {
  return { ...page('redirect', 307, 'text/plain', ''), headers: { location } };
}

export function hangUp(): Fault {
  return { ...page('hang_up', 0, 'text/plain', ''), hangUp: true };
}

/** The stream ends cleanly before message_stop. */
export function cut(step: Step, at: BreakPlace = 'before_stop'): Reply {
  return broken(step, { at, how: 'fin' });
}

export function reset(step: Step, at: BreakPlace = 'first_delta'): Reply {
  return broken(step, { at, how: 'reset' });
}

export function errorEvent(step: Step, type = 'overloaded_error', at: BreakPlace = 'first_delta'): Reply {
  const message = type === 'overloaded_error' ? 'Overloaded' : 'Internal server error';
  return broken(step, { at, how: 'error_event', error: { type, message } });
}

/** Silence (or nothing but pings) until the client gives up. */
export function stall(step: Step, pingMs?: number, at: BreakPlace = 'first_delta'): Reply {
  return broken(step, { at, how: 'stall', ...(pingMs === undefined ? {} : { pingMs }) });
}

/** Takes the request and answers nothing until the client gives up. */
export function silence(step: Step): Reply {
  return broken(step, { at: 0, how: 'stall' });
}

function broken(step: Step, broken: StreamBreak): Reply {
  const sendable = toSendable(step);
  if (sendable.kind === 'fault') throw new Error(`A fault cannot break again: ${sendable.name}`);
  return { ...sendable, broken };
}
