// Owns: why a worker cannot be started now, as errors.
import { AworkersError } from '../contract/errors.ts';
import type { WorkerState } from '../contract/worker.ts';

export function stillBusy(workerId: string, state: WorkerState): AworkersError {
  const hint =
    state === 'awaiting_permission'
      ? 'Answer its request with approve_permission, then wait.'
      : 'Wait for it, or stop it with stop_worker, then resume it.';
  return new AworkersError('conflict', `Worker ${workerId} is still ${state}.`, hint);
}

export function hasCompleted(workerId: string): AworkersError {
  const hint = 'Read its result, or resume it with a prompt.';
  return new AworkersError('conflict', `Worker ${workerId} has completed.`, hint);
}

export function shuttingDown(): AworkersError {
  return new AworkersError('conflict', 'aworkers is shutting down.', 'Start it again, then resume the worker.');
}
