// Owns: what a long conversation costs: one worker of 50 to 400 turns, 10 kB each, beside the floor.
// Promises: CPU a turn, the request bytes that the protocol itself makes quadratic, and what is on disk at the end; medians of 3.
// Never: judges.
//   bun scripts/bench/long.ts [--binary=path]
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startApi } from './api-process.ts';
import { measured, quantile } from './measured.ts';
import { openPlace, type Place } from './place.ts';
import { runProgram } from './run-program.ts';
import { settingFlags, settingsOf, toFlags } from './settings.ts';
import { markdown } from './table.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: true,
  options: { binary: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist', 'aworkers') } },
});
const binary = resolve(values.binary);
const rounds = 3;
const plain = Object.fromEntries(Object.entries(settingFlags).map(([name, flag]) => [name, flag.default]));
const fast = { ...plain, n: '1', ttft: '0', pace: '1000000', tokens: '4', result: '10000' };

const body: string[][] = [];
for (const turns of [50, 100, 200, 400]) {
  const settings = settingsOf({ ...fast, turns: String(turns) } as Parameters<typeof settingsOf>[0]);
  const api = await startApi(settings);
  const floor = [process.execPath, join(import.meta.dirname, 'floor.ts'), api.address, '6000', ...toFlags(settings)];
  const ours = (place: Place) => [binary, 'run', '-f', place.tasks, '--allow', 'Read', '--no-memory'];
  const cpu = { floor: [] as number[], ours: [] as number[] };
  let sent = 0;
  let onDisk = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['floor', 'ours'] as const) {
      const place = await openPlace(settings, 1, api.address, undefined);
      await api.reset();
      const ran = await runProgram(name === 'floor' ? floor : ours(place), 1, place);
      const stats = await api.stats();
      cpu[name].push(measured(name, 1, settings, ran, stats).cpu_ms_a_reply);
      if (name === 'ours') {
        sent = stats.sent_characters;
        const logs = join(place.dir, 'logs');
        onDisk = readdirSync(logs).reduce((sum, file) => sum + statSync(join(logs, file)).size, 0);
      }
      await place.remove();
    }
  }
  await api.stop();
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const middle = (all: readonly number[]): string => quantile(all, 0.5).toFixed(2);
  body.push([String(turns), middle(cpu.floor), middle(cpu.ours), megabytes(sent), megabytes(onDisk)]);
}
console.log(markdown(['turns', 'floor, CPU ms a turn', 'ours, CPU ms a turn', 'MB sent', 'MB on disk'], body));
