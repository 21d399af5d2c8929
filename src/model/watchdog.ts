// Owns: the two silences that end an attempt: no first byte, and no further byte (pings count as bytes).
// Promises: one sleeping timer per attempt, however many chunks arrive; silent after stop(); time in which this process stood
// still (suspended, starved) does not count: what arrived meanwhile is read first.
// Never: retries.
import type { Clock } from '../contract/ports.ts';

export type Silence = {
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two bytes of the answer. */
  readonly idleMs: number;
};

export const defaultSilence: Silence = { firstByteMs: 300_000, idleMs: 120_000 };

/** Made once: an abort without a reason makes an error with a stack, one a reply. */
const over = new Error('the attempt is over');

/** A silence is noticed by as many sleeps without a byte, each counted as long as it was meant to be. */
const looks = 8;

export interface Watchdog {
  /** A byte arrived. */
  touch(): void;
  stop(): void;
}

export function startWatchdog(clock: Clock, silence: Silence, onStall: (message: string) => void): Watchdog {
  const stopped = new AbortController();
  let answered = false;
  let heard = false;

  async function watch(): Promise<void> {
    let quietMs = 0;
    while (!stopped.signal.aborted) {
      const limit = answered ? silence.idleMs : silence.firstByteMs;
      if (quietMs >= limit) {
        return onStall(
          `${answered ? 'the stream stalled: no byte' : 'no first byte'} for ${Math.round(limit / 1000)} s`,
        );
      }
      const nap = Math.min(limit - quietMs, silence.idleMs / looks);
      await clock.sleep(nap, stopped.signal);
      quietMs = heard ? 0 : quietMs + nap;
      heard = false;
    }
  }

  watch().catch((error: unknown) => {
    if (!stopped.signal.aborted) onStall(`the watchdog's clock failed: ${String(error)}`);
  });
  return {
    touch() {
      heard = true;
      answered = true;
    },
    stop() {
      stopped.abort(over);
    },
  };
}
