// Owns: how much of the time goes into what only serves a reader in mid-run: a tenth, as soon as several want it.
// Promises: one at a time, first come, first served; while others wait it rests nine times as long as the last one took, so
// a thousand workers' files cost little more than one's. Who is hurried goes at once.
// Never: keeps the process alive.

const restFactor = 9;

export type Pace = {
  /** Resolves when it may begin; then, or when `hurried` came first, `run` is run. */
  readonly take: (run: () => Promise<void>, hurried: Promise<void>) => Promise<void>;
};

export function createPace(): Pace {
  const waiting = new Set<() => void>();
  let busy = false;

  function next(): void {
    const [first] = waiting;
    busy = first !== undefined;
    if (first === undefined) return;
    waiting.delete(first);
    first();
  }

  function turn(hurried: Promise<void>): Promise<boolean> {
    if (!busy) {
      busy = true;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const go = (): void => resolve(true);
      waiting.add(go);
      void hurried.then(() => {
        if (waiting.delete(go)) resolve(false);
      });
    });
  }

  return {
    async take(run, hurried) {
      const holds = await turn(hurried);
      const begun = performance.now();
      try {
        await run();
      } finally {
        if (holds && waiting.size === 0) busy = false;
        else if (holds) setTimeout(next, (performance.now() - begun) * restFactor).unref();
      }
    },
  };
}
