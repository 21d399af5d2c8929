// Owns: what an interrupt means: the first ends the work in order, the second ends the process now.
// Promises: SIGINT, SIGTERM and SIGHUP are one thing; the handlers are gone after `release`.
// Never: decides what ending in order is (`onFirst` does).
import { exitCode } from './exit-code.ts';
import type { CliIo, EndSignal } from './io.ts';

export type Interrupts = {
  /** Aborts at the first interrupt. */
  readonly signal: AbortSignal;
  /** The same as a signal from outside: a prompt in raw mode sees Ctrl-C as a key. */
  readonly interrupt: () => void;
  readonly release: () => void;
};

export function watchInterrupts(io: Pick<CliIo, 'onSignal' | 'exit'>, onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) {
      io.exit(exitCode.interrupted);
      return;
    }
    onFirst();
    controller.abort(new Error('interrupted'));
  };
  const names: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const releases = names.map((name) => io.onSignal(name, interrupt));
  return {
    signal: controller.signal,
    interrupt,
    release: () => {
      for (const release of releases) release();
    },
  };
}
