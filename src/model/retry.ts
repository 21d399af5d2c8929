// Owns: how long to wait before another try.
// Promises: a server's retry-after wins, in any of its forms; else each wait lies in its own step (1-2 s, 2-4 s, ... 60 s),
// anywhere within it, so that callers spread out and six tries outlast an outage of 30 s whatever the dice say.
// Never: waits, or reads a clock.

export const defaultMaxAttempts = 6;

/** The longest wait that one timer can represent. */
const longestWaitMs = 2 ** 31 - 1;

const firstStepMs = 1000;
const lastStepMs = 60_000;

/** `attempt` is the number of the try that failed, from 1. */
export function backoffMs(attempt: number, random: () => number): number {
  const floor = Math.min(lastStepMs / 2, firstStepMs * 2 ** (attempt - 1));
  return Math.round(floor + random() * floor);
}

/** Up to a tenth more: callers that were told the same moment must not come back in the same moment. */
export function spreadMs(ms: number, random: () => number): number {
  return Math.min(longestWaitMs, Math.round(ms * (1 + random() / 10)));
}

/** `retry-after-ms`, or `retry-after` as seconds or as an HTTP date; undefined when absent or of no use. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (ms >= 0) return Math.min(ms, longestWaitMs);
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, longestWaitMs);
  // An HTTP date begins with a weekday; Date.parse alone would take "-3" for one.
  const date = /^[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date)) return undefined;
  const sent = Date.parse(headers.get('date') ?? '');
  return Math.min(Math.max(0, date - (Number.isNaN(sent) ? now : sent)), longestWaitMs);
}
