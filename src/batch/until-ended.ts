// Owns: waiting for one worker over the questions it asks on the way.
import type { WorkerManager } from '../contract/manager.ts';

/** `wait` returns at each open permission request; the answer to it is the next event. Rejects when aborted; the worker goes on. */
export async function untilEnded(
  manager: WorkerManager,
  id: string,
  nextEvent: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const event = nextEvent();
    const { pending_permissions: pending, running } = await manager.wait({ worker_ids: [id] }, signal);
    if (pending.length + running.length === 0) return;
    await (signal === undefined ? event : Promise.race([event, aborted(signal)]));
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
  });
}
