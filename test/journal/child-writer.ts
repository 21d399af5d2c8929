// A process for crash.test.ts: appends to several workers as fast as it can, reports each stored event on stdout as
// "worker seq", ends some workers, and never ends by itself.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { openStore } from '../../src/journal/store.ts';
import { finished, replied, spawned, text, tickingClock, use } from './fixtures.ts';

const [, , logsDir = '', seed = '0'] = process.argv;
const store = openStore({ logsDir, clock: tickingClock() });
let state = Number(seed);

/** A small generator of its own, so that a seed gives the same sizes again. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}

function report(id: string, seq: number): void {
  writeSync(1, `${id} ${seq}\n`);
}

async function work(n: number): Promise<void> {
  const id = `${seed.padStart(4, '0')}${n.toString().padStart(4, '0')}-0000-4000-8000-000000000000`;
  const { log, event } = await store.create(spawned(store.owner, { worker_id: id, session_id: id }));
  report(id, event.seq);
  for (let turn = 0; ; turn += 1) {
    const size = random(30) === 0 ? 300_000 + random(2_000_000) : random(3000);
    const stored = await Promise.all([
      log.append(replied([text('x'.repeat(size)), use(`t${turn}`)])),
      log.append({ type: 'tool.started', tool_use_id: `t${turn}`, tool: 'Bash' }),
      log.append(finished(`t${turn}`)),
    ]);
    for (const { seq } of stored) report(id, seq);
    if (turn === n) await store.writeTranscript(log);
    if (turn > 3 && n % 3 === 0) {
      report(id, (await log.append({ type: 'worker.completed', result: 'Done.' })).seq);
      await store.writeTranscript(log);
      return;
    }
    await setImmediate();
  }
}

await Promise.all(Array.from({ length: 6 }, (_, n) => work(n)));
