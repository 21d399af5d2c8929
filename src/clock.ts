// Owns: the system clock behind the Clock port.
// Promises: a sleep of any length (timers stop at 2^31 ms), abortable, and never keeps the process alive by itself
// longer than what waits for it.
import type { Clock } from './contract/ports.ts';

const longest = 2_147_483_647;

export const systemClock: Clock = { now: () => Date.now(), sleep };

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; left > 0; left -= longest) await sleepOnce(Math.min(left, longest), signal);
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
