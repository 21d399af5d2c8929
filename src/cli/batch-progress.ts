// Owns: what stderr says while a batch runs: with a terminal one line that is redrawn, without one a line per task.
// Promises: redrawn at most ten times a second whatever happens; gone when stopped; every failure and denial is a line of its own.
// Never: writes to stdout.
import type { Stop } from '../batch/engine.ts';
import type { WorkerEvent } from '../contract/event.ts';
import type { TaskResult } from '../contract/task-result.ts';
import { counted } from '../contract/text.ts';
import { dollars, seconds } from './event-lines.ts';
import { oneLine } from './one-line.ts';
import type { Output } from './render.ts';

const frameMs = 100;
const rateWindowMs = 10_000;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export type BatchProgress = {
  readonly begun: () => void;
  readonly event: (event: WorkerEvent) => void;
  readonly ended: (result: TaskResult, earlier: boolean) => void;
  readonly unfinished: () => void;
  readonly stopping: (stop: Stop) => void;
  readonly stop: () => void;
};

export function batchProgress(out: Output, total: number, live: boolean): BatchProgress {
  const began = performance.now();
  let running = 0;
  let done = 0;
  let earlierDone = 0;
  let failed = 0;
  let cost: number | null = 0;
  let frame = 0;
  let tokens: { readonly at: number; readonly count: number }[] = [];
  const asking = new Set<string>();
  const timer = live ? setInterval(draw, frameMs) : undefined;

  if (live) draw();

  function draw(): void {
    frame += 1;
    const now = performance.now();
    tokens = tokens.filter(({ at }) => now - at < rateWindowMs);
    const window = Math.min(rateWindowMs, Math.max(1000, now - began));
    const rate = tokens.reduce((sum, { count }) => sum + count, 0) / (window / 1000);
    const parts = [
      `${done}/${total} done`,
      `${running - asking.size} running`,
      ...(total - done - running > 0 ? [`${total - done - running} waiting`] : []),
      ...(asking.size > 0 ? [`${asking.size} asking you`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      dollars(cost),
      `${Math.round(rate)} tok/s`,
      ...(etaText(now) === '' ? [] : [`ETA ${etaText(now)}`]),
    ];
    out.status(`${frames[frame % frames.length] ?? ''} ${parts.join('  ')}`);
  }

  function etaText(now: number): string {
    const here = done - earlierDone;
    if (here === 0 || done >= total) return '';
    const left = Math.round((((now - began) / here) * (total - done)) / 1000);
    if (left < 60) return `${left} s`;
    return left < 3600 ? `${Math.ceil(left / 60)} min` : `${(left / 3600).toFixed(1)} h`;
  }

  return {
    begun: () => {
      running += 1;
    },
    event: (event) => {
      if (event.type === 'permission.requested') asking.add(event.request.request_id);
      if (event.type === 'permission.resolved' && event.request_id !== null) asking.delete(event.request_id);
      if (event.type !== 'model.replied') return;
      cost = cost === null || event.cost_usd === null ? null : cost + event.cost_usd;
      if (live) tokens.push({ at: performance.now(), count: event.usage.output_tokens });
    },
    ended: (result, earlier) => {
      done += 1;
      if (result.status === 'failed') failed += 1;
      if (earlier) earlierDone += 1;
      else running = Math.max(0, running - 1);
      if (earlier || (live && result.status === 'completed')) return;
      out.note(endedLine(result, `${String(done).padStart(String(total).length)}/${total}`, out));
    },
    unfinished: () => {
      running = Math.max(0, running - 1);
    },
    stopping: ({ reason }) => out.note(`${out.paintNote('yellow', 'stopping:')} ${oneLine(reason, 400)}`),
    stop: () => {
      clearInterval(timer);
      out.status('');
    },
  };
}

function endedLine(result: TaskResult, count: string, { paintNote: paint }: Output): string {
  const id = oneLine(result.id, 100);
  if (result.status === 'failed') {
    const why = `${result.error_type ?? 'failed'}: ${oneLine(result.error_hint ?? '', 300)}`;
    return `${count} ${paint('red', 'FAIL')} ${id}  ${why}`;
  }
  const facts = [counted(result.num_turns, 'turn'), dollars(result.total_cost_usd), seconds(result.duration_ms)];
  return `${count} ${paint('green', 'ok')}   ${id}  ${paint('dim', facts.join(', '))}`;
}
