// Owns: cohorts: workers that come to the same step at nearly the same time and go through it together, in the order they came.
// The code of a turn is larger than the processor's caches: eight in a row find it there, each alone does not
// (src/decisions/performance.md).
// Promises: a full cohort goes at once; any other when the event loop has nothing else to do, or after `quietMs` without another one.
// Never: keeps anybody waiting for a worker that is not there.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { ModelClient } from './contract/ports.ts';

const full = 8;

/** Resolves as its cohort goes. */
export type Cohorts = () => Promise<void>;

/** `quietMs`: for those that come one after the other, each after an answer to the one before. */
export function createCohorts(quietMs?: number): Cohorts {
  let waiting: (() => void)[] = [];
  let quiet: NodeJS.Timeout | undefined;

  function go(): void {
    clearTimeout(quiet);
    quiet = undefined;
    const those = waiting;
    waiting = [];
    for (const one of those) one();
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === full) go();
      else if (quiet !== undefined) quiet.refresh();
      else if (quietMs !== undefined) quiet = setTimeout(go, quietMs);
      else if (waiting.length === 1) setImmediate(go);
    });
}

/** Each request is made in a cohort, and so is what follows from its reply. */
export function inCohorts(client: ModelClient): ModelClient {
  const requests = createCohorts();
  const replies = createCohorts();
  return {
    async reply(...call) {
      await requests();
      const reply = await client.reply(...call);
      await replies();
      return reply;
    },
  };
}
