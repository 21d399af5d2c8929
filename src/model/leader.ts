// Owns: the order of requests that begin with the same cacheable prefix: one writes the cache, the others read it.
// Promises: a waiter goes on when the leader's reply begins, when it becomes leader itself because the leader failed, or
// when its patience ends; whatever happens, nobody waits longer than that.
// Never: holds a request back once the prefix is known to be in the cache.
import type { Clock } from '../contract/ports.ts';

export interface Entry {
  /** The reply began: the prefix is in the cache. */
  started(): void;
  /** The attempt ended. Without `started` before it, the next waiter leads. */
  ended(): void;
}

export interface LeaderGate {
  /** An abort rejects with the signal's reason. */
  enter(key: string, signal: AbortSignal): Promise<Entry>;
}

/** A little under the five minutes that the API keeps a prefix; each use renews it. */
const warmMs = 270_000;

type Line = { leader: object | undefined; warmUntil: number; readonly waiting: Set<Waiter> };
type Waiter = { go: () => void; leads: boolean };

export function createLeaderGate(clock: Clock, patienceMs: number): LeaderGate {
  const lines = new Map<string, Line>();

  function lineOf(key: string): Line {
    let line = lines.get(key);
    if (line === undefined) {
      forgetCold();
      line = { leader: undefined, warmUntil: 0, waiting: new Set() };
      lines.set(key, line);
    }
    return line;
  }

  function forgetCold(): void {
    const now = clock.now();
    for (const [key, line] of lines) {
      if (line.leader === undefined && line.waiting.size === 0 && line.warmUntil <= now) lines.delete(key);
    }
  }

  function promoteNext(line: Line): void {
    const [next] = line.waiting;
    if (next === undefined) return;
    line.waiting.delete(next);
    next.leads = true;
    next.go();
  }

  function entry(line: Line): Entry {
    const self = {};
    if (line.leader === undefined && line.warmUntil <= clock.now()) line.leader = self;
    return {
      started() {
        line.warmUntil = clock.now() + warmMs;
        if (line.leader === self) line.leader = undefined;
        for (const waiter of line.waiting) waiter.go();
        line.waiting.clear();
      },
      ended() {
        if (line.leader !== self) return;
        line.leader = undefined;
        promoteNext(line);
      },
    };
  }

  async function wait(line: Line, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const onAbort = (): void => over.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const waiter: Waiter = { go: onAbort, leads: false };
    line.waiting.add(waiter);
    // Ends early when the leader or an abort ends the wait; which of them it was is read below.
    await clock.sleep(patienceMs, over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
    line.waiting.delete(waiter);
    signal.removeEventListener('abort', onAbort);
    if (!signal.aborted) return;
    if (waiter.leads) promoteNext(line);
    throw signal.reason;
  }

  return {
    async enter(key, signal) {
      if (signal.aborted) throw signal.reason;
      const line = lineOf(key);
      if (line.leader !== undefined && line.warmUntil <= clock.now()) await wait(line, signal);
      return entry(line);
    },
  };
}
