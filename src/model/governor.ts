// Owns: who may send now, among all workers that share one rate limit.
// Promises: workers in mid-conversation first, then first come first served; after a refusal one pause for all, and fewer at
// once: as many as the API was serving; on overload half as many; regrowth by doubling, then slowly. An abort leaves no trace.
// Never: retries, or holds back anything before the API has shown a limit (src/decisions/governor.md).
import type { Clock } from '../contract/ports.ts';
import { createBuckets, type Need } from './buckets.ts';
import { backoffMs, spreadMs } from './retry.ts';

type Place = {
  readonly midConversation: boolean;
  /** Input tokens that no cache holds, as far as known. */
  readonly freshTokens: number;
};

export type Outcome =
  | { readonly type: 'replied'; readonly freshTokens: number; readonly outputTokens: number }
  | { readonly type: 'rate'; readonly retryAfterMs?: number }
  | { readonly type: 'overload' }
  | { readonly type: 'other' };

export interface Slot {
  /** The reply began; its headers tell what is left. */
  started(headers: Headers): void;
  /** Exactly once, whatever happened. */
  finish(outcome: Outcome): void;
}

export interface Governor {
  /** An abort rejects with the signal's reason and gives the place up. */
  acquire(place: Place, signal: AbortSignal): Promise<Slot>;
  /** Milliseconds that the whole class still pauses. */
  pauseMs(): number;
}

type Waiter = { readonly place: Place; grant: (slot: Slot) => void };
type Running = { readonly epoch: number; readonly reserved: Need; started: boolean };

/** Successes before one more is tried; doubles each time that one more was refused. */
const firstProbe = 10;
const lastProbe = 640;

export type GovernorConfig = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly maxConcurrency: number;
  /** How many may start before the first answer; doubles with every answer that begins. */
  readonly initialConcurrency: number;
};

export function createGovernor({ clock, random, maxConcurrency, initialConcurrency }: GovernorConfig): Governor {
  const buckets = createBuckets();
  const queue: Waiter[] = [];
  const running = new Set<Running>();
  let limit = initialConcurrency;
  /** Below it the limit grows with every start, above it by one per ten successes. */
  let threshold = Infinity;
  let successes = 0;
  let probeAfter = firstProbe;
  /** Cuts of the limit so far: what was sent before a cut says nothing against the new limit. */
  let epoch = 0;
  let lastCut: 'rate' | 'overload' | undefined;
  let cutsInARow = 0;
  let pausedUntil = 0;
  let meanOutput = 500;
  let alarm: AbortController | undefined;

  function needOf(place: Place): Need {
    return { requests: 1, inputTokens: place.freshTokens, outputTokens: meanOutput };
  }

  function count(which: (run: Running) => boolean): number {
    let found = 0;
    for (const run of running) if (which(run)) found += 1;
    return found;
  }

  function pump(): void {
    alarm?.abort();
    alarm = undefined;
    while (queue.length > 0 && running.size < Math.min(limit, maxConcurrency)) {
      const now = clock.now();
      const need = needOf(queue[0]!.place);
      const wait = Math.max(pausedUntil - now, buckets.waitMs(need, now));
      if (wait > 0) return wakeIn(wait);
      buckets.take(need, now);
      queue.shift()!.grant(slotFor({ epoch, reserved: need, started: false }));
    }
  }

  function wakeIn(ms: number): void {
    const own = new AbortController();
    alarm = own;
    clock.sleep(ms, own.signal).then(pump, (error: unknown) => {
      if (!own.signal.aborted) throw error;
    });
  }

  function slotFor(run: Running): Slot {
    running.add(run);
    return {
      started(headers) {
        run.started = true;
        buckets.learn(headers, clock.now());
        grow(run);
        pump();
      },
      finish(outcome) {
        running.delete(run);
        settle(run, outcome);
        pump();
      },
    };
  }

  function grow(run: Running): void {
    if (run.epoch === epoch) {
      if (limit >= threshold || limit === Infinity) return;
      // Doubles, whether replies are long (many run at once) or end as they begin.
      limit = Math.min(threshold, Math.max(limit + 1, 2 * count((other) => other.started)));
      return;
    }
    // It was on its way when others were refused, and was taken: the API serves one more than we thought.
    if (lastCut !== 'rate' || limit >= maxConcurrency) return;
    limit += 1;
    threshold = Math.max(threshold, limit);
  }

  function settle(run: Running, outcome: Outcome): void {
    switch (outcome.type) {
      case 'replied': {
        buckets.correct(run.reserved, {
          requests: 1,
          inputTokens: outcome.freshTokens,
          outputTokens: outcome.outputTokens,
        });
        meanOutput += (outcome.outputTokens - meanOutput) / 8;
        cutsInARow = 0;
        successes += 1;
        if (limit < threshold || successes < probeAfter) return;
        successes = 0;
        limit += 1;
        return;
      }
      case 'rate':
        buckets.correct(run.reserved, { requests: 1, inputTokens: 0, outputTokens: 0 });
        return onRate(run, outcome.retryAfterMs);
      case 'overload':
        if (run.epoch === epoch) cut('overload', Math.floor((running.size + 1) / 2));
        return;
      case 'other':
    }
  }

  function onRate(run: Running, retryAfter: number | undefined): void {
    const isNews = run.epoch === epoch;
    if (isNews)
      cut(
        'rate',
        count((other) => other.started),
      );
    else if (retryAfter === undefined) return;
    const pause = retryAfter === undefined ? backoffMs(cutsInARow, random) : spreadMs(retryAfter, random);
    pausedUntil = Math.max(pausedUntil, clock.now() + pause);
  }

  /** `served`: how many the API was seen to serve at once; 0 when that is not known, and then it is found out by doubling. */
  function cut(cause: 'rate' | 'overload', served: number): void {
    const before = running.size + 1;
    cutsInARow += 1;
    lastCut = cause;
    epoch += 1;
    successes = 0;
    probeAfter = cause === 'rate' && served > 0 ? Math.min(lastProbe, probeAfter * 2) : firstProbe;
    limit = Math.max(1, served);
    if (cause === 'rate' && served > 0) threshold = limit;
    else threshold = Math.max(2, cutsInARow > 1 && threshold !== Infinity ? threshold : Math.floor(before / 2));
  }

  /** A try that was refused queues again like any other: at the head it would take every further refusal on itself. */
  function enqueue(waiter: Waiter): void {
    if (!waiter.place.midConversation) return void queue.push(waiter);
    queue.splice(queue.findLastIndex((other) => other.place.midConversation) + 1, 0, waiter);
  }

  return {
    acquire(place, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { place, grant: resolve };
        enqueue(waiter);
        pump();
        // Most are granted at once: only who really waits listens.
        if (!queue.includes(waiter)) return;
        const onAbort = (): void => {
          queue.splice(queue.indexOf(waiter), 1);
          reject(signal.reason);
          pump();
        };
        signal.addEventListener('abort', onAbort);
        waiter.grant = (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        };
      });
    },
    pauseMs: () => Math.max(0, pausedUntil - clock.now()),
  };
}
