// Owns: the two silences that end an attempt: no first byte, and no further byte (pings count as bytes).
// Promises: one sleeping timer for all attempts, however many chunks arrive, and none while there is no attempt; never early,
// late by one look at most; silent after stop(); time in which this process stood still (suspended, starved) does not count:
// what arrived meanwhile is read first.
// Never: retries.
import type { Clock } from '../contract/ports.ts';

export type Silence = {
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two bytes of the answer. */
  readonly idleMs: number;
};

export const defaultSilence: Silence = { firstByteMs: 300_000, idleMs: 120_000 };

/** Made once: an abort without a reason makes an error with a stack. */
const over = new Error('no attempt is left');

/** A silence is noticed by as many looks without a byte, each counted as long as its sleep was meant to be. */
const looks = 8;

export interface Watch {
  /** A byte arrived. */
  touch(): void;
  stop(): void;
}

export interface Watchdog {
  watch(onStall: (message: string) => void): Watch;
}

type Watched = {
  /** Since the last look. */
  heard: boolean;
  answered: boolean;
  quietMs: number;
  readonly onStall: (message: string) => void;
};

export function createWatchdog(clock: Clock, { firstByteMs, idleMs }: Silence): Watchdog {
  const napMs = Math.min(firstByteMs, idleMs) / looks;
  const all = new Set<Watched>();
  let sleep: AbortController | undefined;

  async function lookOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(napMs, signal);
      for (const one of all) lookAt(one);
    }
  }

  function lookAt(one: Watched): void {
    one.quietMs = one.heard ? 0 : one.quietMs + napMs;
    one.heard = false;
    const limit = one.answered ? idleMs : firstByteMs;
    if (one.quietMs < limit) return;
    end(one);
    one.onStall(`${one.answered ? 'the stream stalled: no byte' : 'no first byte'} for ${Math.round(limit / 1000)} s`);
  }

  function end(one: Watched): void {
    all.delete(one);
    if (all.size > 0) return;
    sleep?.abort(over);
    sleep = undefined;
  }

  function start(): AbortController {
    const own = new AbortController();
    lookOn(own.signal).catch((error: unknown) => {
      if (own.signal.aborted) return;
      for (const one of all) {
        end(one);
        one.onStall(`the watchdog's clock failed: ${String(error)}`);
      }
    });
    return own;
  }

  return {
    watch(onStall) {
      // As if it had been heard: the look that is under way began before it.
      const one = { heard: true, answered: false, quietMs: 0, onStall };
      all.add(one);
      sleep ??= start();
      return {
        touch() {
          one.heard = true;
          one.answered = true;
        },
        stop: () => end(one),
      };
    },
  };
}
