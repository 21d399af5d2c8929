// Owns: the one failure that ends every worker (credentials, billing, a spend cap), and the calls that it ends.
// Promises: all calls in progress, and all that come while it holds, end with the same failure; it is announced once.
// Never: decides what such a failure is.
import type { Clock, ModelFailure, ModelReply } from '../contract/ports.ts';

type Result = ModelReply | ModelFailure;

export interface Call {
  /** Of what runs now: fires when the caller or the fleet ends the call, or somebody gives this part of it up. */
  readonly signal: AbortSignal;
  /** Ends what runs now; the call goes on, under a new signal. Nothing once the call has ended. */
  giveUp(reason: Error): void;
}

export interface Fleet {
  /** Runs one call, which the fleet's stop ends, too. An abort of `signal` rejects with that signal's reason. */
  join(signal: AbortSignal, run: (call: Call) => Promise<Result>): Promise<Result>;
  /** Returns the failure that holds: the first one. */
  stop(failure: ModelFailure): ModelFailure;
}

/** After so long the next call tries again: credit may have been added while the process lived on. */
const holdMs = 60_000;

export function createFleet(clock: Clock, onStop: ((failure: ModelFailure) => void) | undefined): Fleet {
  const calls = new Set<OpenCall>();
  let stopped: { readonly failure: ModelFailure; readonly until: number } | undefined;

  function holding(): ModelFailure | undefined {
    return stopped !== undefined && stopped.until > clock.now() ? stopped.failure : undefined;
  }

  return {
    async join(signal, run) {
      const held = holding();
      if (held !== undefined) return held;
      const call = new OpenCall();
      const onAbort = (): void => call.end(signal.reason);
      signal.addEventListener('abort', onAbort);
      calls.add(call);
      try {
        return await run(call);
      } catch (error) {
        if (error instanceof FleetStopped && !signal.aborted) return error.failure;
        throw error;
      } finally {
        calls.delete(call);
        signal.removeEventListener('abort', onAbort);
      }
    },
    stop(failure) {
      const held = holding();
      if (held !== undefined) return held;
      stopped = { failure, until: clock.now() + holdMs };
      onStop?.(failure);
      for (const call of calls) call.end(new FleetStopped(failure));
      return failure;
    },
  };
}

class OpenCall implements Call {
  #now = new AbortController();

  get signal(): AbortSignal {
    return this.#now.signal;
  }

  giveUp(reason: Error): void {
    if (this.signal.aborted) return;
    const ended = this.#now;
    this.#now = new AbortController();
    ended.abort(reason);
  }

  end(reason: unknown): void {
    this.#now.abort(reason);
  }
}

class FleetStopped extends Error {
  readonly failure: ModelFailure;

  constructor(failure: ModelFailure) {
    super(failure.error_hint);
    this.name = 'FleetStopped';
    this.failure = failure;
  }
}
