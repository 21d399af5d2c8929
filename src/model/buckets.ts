// Owns: what the API's rate-limit headers say is left: requests, input tokens, output tokens, each refilling by the minute.
// Promises: unset until a response names them; the lower of the API's word and our own count holds; reset times are
// read against the response's own date, so a wrong clock on either side does no harm.
// Never: waits.

export type Need = { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number };

type Bucket = { readonly limit: number; left: number; at: number; blockedUntil: number };

type Kind = keyof Need;

const headerNames: Readonly<Record<Kind, string>> = {
  requests: 'requests',
  inputTokens: 'input-tokens',
  outputTokens: 'output-tokens',
};
const kinds = Object.keys(headerNames) as readonly Kind[];

const minuteMs = 60_000;

export interface Buckets {
  /** Milliseconds until `need` fits; 0 when it does. A need above the limit itself fits a full bucket. */
  waitMs(need: Need, now: number): number;
  take(need: Need, now: number): void;
  /** Gives back what was reserved beyond what was used (or takes the rest). */
  correct(reserved: Need, used: Need): void;
  learn(headers: Headers, now: number): void;
}

export function createBuckets(): Buckets {
  const buckets = new Map<Kind, Bucket>();

  function refill(bucket: Bucket, now: number): void {
    const gained = (Math.max(0, now - bucket.at) / minuteMs) * bucket.limit;
    bucket.left = Math.min(bucket.limit, bucket.left + gained);
    bucket.at = now;
  }

  return {
    waitMs(need, now) {
      let wait = 0;
      for (const [kind, bucket] of buckets) {
        refill(bucket, now);
        const missing = Math.min(need[kind], bucket.limit) - bucket.left;
        const refillMs = missing <= 0 ? 0 : Math.ceil((missing / bucket.limit) * minuteMs);
        wait = Math.max(wait, refillMs, bucket.blockedUntil - now);
      }
      return wait;
    },
    take(need, now) {
      for (const [kind, bucket] of buckets) {
        refill(bucket, now);
        bucket.left -= need[kind];
      }
    },
    correct(reserved, used) {
      for (const [kind, bucket] of buckets)
        bucket.left = Math.min(bucket.limit, bucket.left + reserved[kind] - used[kind]);
    },
    learn(headers, now) {
      for (const kind of kinds) {
        const limit = countOf(headers, kind, 'limit');
        const remaining = countOf(headers, kind, 'remaining');
        if (limit === undefined || limit === 0 || remaining === undefined) continue;
        const known = buckets.get(kind);
        if (known !== undefined) refill(known, now);
        const blockedUntil = remaining === 0 ? now + untilReset(headers, kind, now) : 0;
        // Our own count is kept only while the limit is the same: another limit is another bucket.
        const left = known?.limit === limit ? Math.min(known.left, remaining) : remaining;
        buckets.set(kind, { limit, left, at: now, blockedUntil });
      }
    },
  };
}

function countOf(headers: Headers, kind: Kind, field: string): number | undefined {
  const text = headers.get(`anthropic-ratelimit-${headerNames[kind]}-${field}`);
  return text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

function untilReset(headers: Headers, kind: Kind, now: number): number {
  const reset = Date.parse(headers.get(`anthropic-ratelimit-${headerNames[kind]}-reset`) ?? '');
  const sent = Date.parse(headers.get('date') ?? '');
  const wait = reset - (Number.isNaN(sent) ? now : sent);
  // A refill by the minute never needs longer than one; anything else is a clock that is off.
  return wait > 0 && wait <= minuteMs ? wait : 0;
}
