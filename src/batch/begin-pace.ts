// Owns: how many tasks begin side by side: one, then as many as have started.
// Promises: the first sends its request while others are still prepared, and a thousand begin in ten steps; `started` may be
// called again.
// Never: counts who runs (engine.ts does).

export type BeginPace = {
  readonly mayBegin: () => boolean;
  /** One begins; what it returns is to be called when its worker has started, or never will. */
  readonly begin: () => () => void;
};

export function createBeginPace(onStarted: () => void): BeginPace {
  let beginning = 0;
  let started = 0;
  return {
    mayBegin: () => beginning <= started,
    begin: () => {
      beginning += 1;
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        beginning -= 1;
        started += 1;
        onStarted();
      };
    },
  };
}
