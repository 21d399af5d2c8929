// Owns: what the status line says while one worker runs: time, turns, cost, what it is doing.
// Promises: told from events; gone when stopped.
// Never: prints a line of its own.
import type { WorkerEvent } from '../contract/event.ts';
import { dollars, seconds } from './event-lines.ts';
import type { Output } from './render.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 120;

export type LiveStatus = { readonly onEvent: (event: WorkerEvent) => void; readonly stop: () => void };

export function liveStatus(out: Output): LiveStatus {
  const began = performance.now();
  let frame = 0;
  let turns = 0;
  let cost: number | null = 0;
  let doing = 'waiting for a slot';
  const timer = setInterval(() => {
    frame += 1;
    const spent = [seconds(performance.now() - began), `turn ${turns + 1}`, dollars(cost), doing];
    out.status(`${frames[frame % frames.length] ?? ''} ${spent.join('  ')}`);
  }, frameMs);
  return {
    onEvent: (event) => {
      if (event.type === 'worker.started' || event.type === 'tool.finished') doing = 'the model answers';
      if (event.type === 'tool.started') doing = event.tool;
      if (event.type === 'permission.requested') doing = 'waiting for a permission';
      if (event.type === 'model.retried') doing = `retry ${event.attempt}/${event.max_attempts}`;
      if (event.type === 'model.replied') {
        turns += 1;
        cost = cost === null || event.cost_usd === null ? null : cost + event.cost_usd;
      }
    },
    stop: () => {
      clearInterval(timer);
      out.status('');
    },
  };
}
