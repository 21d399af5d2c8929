// Owns: the two silences that end an attempt: no first byte, and no further byte (pings count as bytes).
// Promises: one sleeping timer per attempt, however many chunks arrive; silent after stop().
// Never: retries.
import type { Clock } from '../contract/ports.ts';

export type Silence = {
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two bytes of the answer. */
  readonly idleMs: number;
};

export const defaultSilence: Silence = { firstByteMs: 300_000, idleMs: 120_000 };

export interface Watchdog {
  /** A byte arrived. */
  touch(): void;
  stop(): void;
}

export function startWatchdog(clock: Clock, silence: Silence, onStall: (message: string) => void): Watchdog {
  const stopped = new AbortController();
  let answered = false;
  let last = clock.now();

  async function watch(): Promise<void> {
    while (!stopped.signal.aborted) {
      const limit = answered ? silence.idleMs : silence.firstByteMs;
      const left = last + limit - clock.now();
      if (left <= 0) {
        return onStall(
          `${answered ? 'the stream stalled: no byte' : 'no first byte'} for ${Math.round(limit / 1000)} s`,
        );
      }
      // Never longer than idleMs: the first byte may come during this sleep and shorten the limit.
      await clock.sleep(Math.min(left, silence.idleMs), stopped.signal);
    }
  }

  watch().catch((error: unknown) => {
    if (!stopped.signal.aborted) onStall(`the watchdog's clock failed: ${String(error)}`);
  });
  return {
    touch() {
      last = clock.now();
      answered = true;
    },
    stop() {
      stopped.abort();
    },
  };
}
