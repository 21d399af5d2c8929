// Owns: the one line that says how a set of workers stands.
import { isEnded, type WorkerState, type WorkerSummary } from '../contract/worker.ts';

/** `now` and `quietMs` in milliseconds: a running worker without an event for so long is named as one without progress. */
export function progressLine(workers: readonly WorkerSummary[], now: number, quietMs: number): string {
  const count = (state: WorkerState) => workers.filter((worker) => worker.status === state).length;
  const idle = (worker: WorkerSummary) => (now - Date.parse(worker.last_activity_at)) / 1_000;
  const done = workers.filter((worker) => isEnded(worker.status)).length;
  const failed = count('failed') + count('interrupted') + count('stopped');
  const stalled = workers.filter((worker) => worker.status === 'running' && idle(worker) * 1_000 >= quietMs);
  const known = workers.filter((worker) => worker.total_cost_usd !== null);
  const cost = known.reduce((sum, worker) => sum + (worker.total_cost_usd ?? 0), 0);
  return [
    `${done}/${workers.length} done`,
    failed > 0 ? `${failed} failed` : '',
    count('awaiting_permission') > 0 ? `${count('awaiting_permission')} waiting for permission` : '',
    count('queued') > 0 ? `${count('queued')} queued` : '',
    ...stalled
      .slice(0, 3)
      .map((worker) => `"${worker.description}" without progress for ${Math.round(idle(worker))} s`),
    ...workers
      .filter((worker) => worker.todo !== undefined && !isEnded(worker.status))
      .slice(0, 3)
      .map((worker) => `"${worker.description}" ${worker.todo}`),
    `$${cost.toFixed(2)}${known.length < workers.length ? ' (cost of some unknown)' : ''}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
