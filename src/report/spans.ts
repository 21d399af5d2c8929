// Owns: what a worker spent its time on, from the times of its events.
// Promises: one pass; spans may touch and overlap (tools run together), never end before they begin.
// Never: guesses about time that no event speaks of.
import type { WorkerEvent } from '../contract/event.ts';
import type { ReportSpan } from './input.ts';

export function spansOf(events: readonly WorkerEvent[]): readonly ReportSpan[] {
  const spans: ReportSpan[] = [];
  const open = new Map<string, number>();
  const add = (kind: ReportSpan['kind'], from: number, to: number) => {
    if (to >= from) spans.push({ kind, from, to });
  };
  const close = (kind: ReportSpan['kind'], key: string, at: number) => {
    const from = open.get(key);
    if (from !== undefined && open.delete(key)) add(kind, from, at);
  };
  for (const event of events) {
    const at = Date.parse(event.at);
    switch (event.type) {
      case 'worker.spawned':
      case 'worker.resumed':
        open.clear();
        open.set('queue', at);
        break;
      case 'worker.started':
        close('queued', 'queue', at);
        break;
      case 'model.replied':
        add('model', at - event.duration_ms, at);
        break;
      case 'model.retried':
        add('retry', at, at + event.delay_ms);
        break;
      case 'permission.requested':
        open.set(`ask ${event.request.tool_use_id}`, at);
        break;
      case 'permission.resolved':
        close('permission', `ask ${event.tool_use_id}`, at);
        break;
      case 'tool.started':
        open.set(`run ${event.tool_use_id}`, at);
        break;
      case 'tool.finished':
        close('tool', `run ${event.tool_use_id}`, at);
        break;
      case 'message.appended':
      case 'child.spawned':
      case 'child.ended':
      case 'worktree.settled':
      case 'worker.completed':
      case 'worker.failed':
      case 'worker.stopped':
        break;
    }
  }
  return spans;
}
