// Owns: what a worker is to somebody who knows whether its owner is alive.
// Promises: pure; a worker that only waits for answers can still be answered; any other that lost its process is interrupted.
// Never: changes an ended worker.
import type { History } from '../contract/history.ts';
import { lastText } from '../contract/message.ts';
import { type WorkerSnapshot, isEnded } from '../contract/worker.ts';

export function asSeen(snapshot: WorkerSnapshot, ownerAlive: boolean): WorkerSnapshot {
  if (ownerAlive || isEnded(snapshot.state)) return snapshot;
  if (onlyAwaitsAnswers(snapshot.history)) return { ...snapshot, state: 'awaiting_permission' };
  return {
    ...snapshot,
    state: 'interrupted',
    pending: [],
    result: lastText(snapshot.history.messages),
    error_type: 'interrupted',
    error_hint: `The process that ran it (pid ${snapshot.owner.pid}) is gone; its conversation is kept. Resume it to go on.`,
    ended_at: snapshot.last_activity_at,
  };
}

function onlyAwaitsAnswers(history: History): boolean {
  const open = history.open.filter((use) => use.result === undefined);
  return open.length > 0 && open.every((use) => use.request !== undefined && use.resolution === undefined);
}
