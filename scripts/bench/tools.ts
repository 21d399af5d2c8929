// Owns: what a Bash call costs over a Read: CPU of the whole process tree, 10 workers with 40 calls each.
// Promises: medians of several rounds taken in turn; beside them what the runtime takes to run the same command and read its
// output, bash included.
// Never: judges.
//   bun scripts/bench/tools.ts [--rounds=3] [--binary=path]
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startApi } from './api-process.ts';
import { measured, quantile } from './measured.ts';
import { openPlace, type Place } from './place.ts';
import { runProgram } from './run-program.ts';
import { settingFlags, settingsOf } from './settings.ts';
import { markdown } from './table.ts';

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: true,
  options: {
    rounds: { type: 'string', default: '3' },
    binary: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist', 'aworkers') },
  },
});
const binary = resolve(values.binary);
const workers = 10;
const turns = 40;
const plain = Object.fromEntries(Object.entries(settingFlags).map(([name, flag]) => [name, flag.default]));
const fast = { ...plain, n: String(workers), turns: String(turns), ttft: '0', pace: '1000000', tokens: '4' };
const kinds = [
  { tool: 'Read', command: 'cat notes.txt' },
  { tool: 'Bash', command: 'pwd' },
  { tool: 'Bash', command: 'cat notes.txt' },
] as const;

async function callMs(kind: (typeof kinds)[number]): Promise<number> {
  const settings = settingsOf({ ...fast, ...kind } as Parameters<typeof settingsOf>[0]);
  const api = await startApi(settings);
  const place = await openPlace(settings, workers, api.address, undefined);
  const argv = [binary, 'run', '-f', place.tasks, '--allow', kind.tool, '--no-memory'];
  const ran = await runProgram(argv, workers, place);
  const { cpu_ms_a_reply } = measured(kind.tool, workers, settings, ran, await api.stats());
  await place.remove();
  await api.stop();
  return (cpu_ms_a_reply * (turns + 1)) / turns;
}

/** The same command by the runtime's own spawn, output read: its processes, and this one. */
async function bareMs({ dir, env }: Place, command: string): Promise<number> {
  const times = 200;
  const before = process.cpuUsage();
  let children = 0;
  for (let n = 0; n < times; n += 1) {
    const child = Bun.spawn(['bash', '-c', command], {
      cwd: dir,
      env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
    children += Number(child.resourceUsage()?.cpuTime.total ?? Number.NaN) / 1_000;
  }
  const { user, system } = process.cpuUsage(before);
  return (children + (user + system) / 1_000) / times;
}

const ours: number[][] = kinds.map(() => []);
const bare: number[][] = kinds.map(() => []);
const place = await openPlace(settingsOf(fast as Parameters<typeof settingsOf>[0]), 1, '', undefined);
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [at, kind] of kinds.entries()) {
    ours[at]?.push(await callMs(kind));
    if (kind.tool === 'Bash') bare[at]?.push(await bareMs(place, kind.command));
  }
}
await place.remove();
const middle = (all: readonly number[] | undefined): number => quantile(all ?? [], 0.5);
const ms = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2));
const body = kinds.map(({ tool, command }, at) => {
  const call = middle(ours[at]);
  return [tool === 'Read' ? tool : `Bash: ${command}`, ms(call), ms(call - middle(ours[0])), ms(middle(bare[at]))];
});
console.log(markdown(['call', 'CPU ms a turn', 'over a Read', 'the runtime and bash alone'], body));
