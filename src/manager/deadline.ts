// Owns: a run with a time limit.
import type { Clock } from '../contract/ports.ts';

/** `expire` is called once when the run takes longer. No limit: the run as it is. */
export async function withDeadline(
  clock: Clock,
  seconds: number | undefined,
  run: Promise<void>,
  expire: (seconds: number) => void,
): Promise<void> {
  if (seconds === undefined) return run;
  const done = new AbortController();
  clock.sleep(seconds * 1_000, done.signal).then(
    () => expire(seconds),
    () => undefined, // rejects when the run was faster
  );
  try {
    await run;
  } finally {
    done.abort();
  }
}
