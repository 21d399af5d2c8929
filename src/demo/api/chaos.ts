// Owns: faults drawn at random from a seed, for a soak.
// Promises: the same seed and order of requests draw the same faults; an injected fault never uses up a scripted reply.
// Never: draws a stall (a soak would wait for watchdogs) unless asked to.
import {
  cut,
  errorEvent,
  hangUp,
  htmlError,
  overloaded,
  rateLimited,
  requestTimeout,
  reset,
  serverError,
} from './fault.ts';
import type { Fault, Reply, Step } from './sendable.ts';

export type Injected =
  | { readonly instead: Fault }
  /** Breaks the scripted reply on its way. */
  | { readonly during: (step: Step) => Reply };

const injections = {
  rate_limited: (retryMs) => ({ instead: rateLimited({ ms: retryMs }) }),
  overloaded: () => ({ instead: overloaded() }),
  server_error: () => ({ instead: serverError() }),
  bad_gateway: () => ({ instead: htmlError(502) }),
  request_timeout: () => ({ instead: requestTimeout() }),
  hang_up: () => ({ instead: hangUp() }),
  cut: () => ({ during: (step) => cut(step) }),
  reset: () => ({ during: (step) => reset(step) }),
  error_event: () => ({ during: (step) => errorEvent(step) }),
} as const satisfies Readonly<Record<string, (retryMs: number) => Injected>>;

type ChaosKind = keyof typeof injections;
const allKinds = Object.keys(injections) as readonly ChaosKind[];

export type ChaosOptions = {
  readonly seed: number;
  /** Share of requests that fail, 0..1. */
  readonly rate: number;
  readonly kinds?: readonly ChaosKind[];
  /** retry-after-ms of injected 429s; default 20. */
  readonly retryMs?: number;
};

export function createChaos(options: ChaosOptions): () => Injected | undefined {
  const random = randomFrom(options.seed);
  const kinds = options.kinds ?? allKinds;
  return () => {
    const struck = random() < options.rate;
    const kind = kinds[Math.floor(random() * kinds.length)];
    return struck && kind !== undefined ? injections[kind](options.retryMs ?? 20) : undefined;
  };
}

/** mulberry32: small, seedable, good enough to spread faults. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
