// Owns: what stays in memory of workers that have ended: one MCP server, batch after batch.
// Promises: resident memory after each batch, when every worker of it has ended and was reported.
// Never: judges: a runtime gives memory back late, so the slope of the last batches is what to read.
//   bun scripts/bench/settled.ts [--workers=200] [--batches=10] [--binary=path]
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startApi } from './api-process.ts';
import { openPlace, promptOf } from './place.ts';
import { residentMb } from './process-tree.ts';
import { openMcp } from './run-mcp.ts';
import { settingFlags, settingsOf } from './settings.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: true,
  options: {
    workers: { type: 'string', default: '200' },
    batches: { type: 'string', default: '10' },
    binary: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist', 'aworkers') },
  },
});
const workers = Number(values.workers);
const plain = Object.fromEntries(Object.entries(settingFlags).map(([name, flag]) => [name, flag.default]));
const settings = settingsOf({ ...plain, ttft: '20', pace: '10000' } as Parameters<typeof settingsOf>[0]);
const api = await startApi(settings);
const place = await openPlace(settings, workers, api.address, undefined);
const server = await openMcp(resolve(values.binary), workers, place, settings.tool);
console.log(`idle: ${residentMb(server.pid).toFixed(1)} MB`);
let before = 0;
for (let batch = 1; batch <= Number(values.batches); batch += 1) {
  const spawned = Array.from({ length: workers }, (_, n) =>
    server.call('spawn_worker', { description: `bench ${n}`, prompt: promptOf(n) }),
  );
  await Promise.all(spawned);
  await server.call('wait', {});
  await new Promise((later) => setTimeout(later, 1_500));
  const now = residentMb(server.pid);
  const each = ((now - before) * 1024) / workers;
  console.log(`${batch * workers} ended: ${now.toFixed(1)} MB${before === 0 ? '' : `, ${each.toFixed(1)} kB each`}`);
  before = now;
}
await server.end();
await place.remove();
await api.stop();
