// Owns: what the journal costs, measured: appends with and without the flush, a thousand workers, long conversations, list.
// Promises: real files in a temp folder on this machine's disk; wall and CPU microseconds per operation, one table.
// Never: judges; the figures belong into src/decisions/journal.md.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { EventBody } from '../src/contract/event.ts';
import { noUsage } from '../src/contract/usage.ts';
import { diskFiles } from '../src/journal/files.ts';
import { type Store, type WorkerLog, openStore, replay } from '../src/journal/store.ts';

const clock = { now: () => Date.now(), sleep: () => Promise.reject(new Error('nothing here sleeps')) };
const unflushed = { ...diskFiles, flush: () => Promise.resolve() };
const settings = { model: 'm', api_version: 'v', betas: [], max_tokens: 1, max_tokens_cap: null, body: {} };
const plan = {
  agent_type: 'general-purpose',
  agent: { scope: 'builtin' as const, disallowed: [] },
  system: 's'.repeat(1500),
  context: [],
  tools: ['Bash', 'Read'],
  settings,
  options: {},
  cwd: '/',
  notices: [],
};

const root = mkdtempSync(join(tmpdir(), 'aworkers-bench-'));
let folders = 0;
const folder = () => join(root, String((folders += 1)));

const reply = (id: string): EventBody => ({
  type: 'model.replied',
  content: [
    { type: 'text', text: 'I look at the file.' },
    { type: 'tool_use', id, name: 'Bash', input: { command: 'wc -l a' } },
  ],
  kept: true,
  stop_reason: 'tool_use',
  model: 'm',
  request_id: 'r',
  usage: noUsage,
  cost_usd: 0.01,
  duration_ms: 900,
});
const started = (id: string): EventBody => ({ type: 'tool.started', tool_use_id: id, tool: 'Bash' });
const finished = (id: string, size: number): EventBody => ({
  type: 'tool.finished',
  tool_use_id: id,
  tool: 'Bash',
  content: 'x'.repeat(size),
  is_error: false,
  duration_ms: 5,
});
const completed: EventBody = { type: 'worker.completed', result: 'Done.' };

async function spawn(store: Store, n: number): Promise<WorkerLog> {
  const id = `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const first = { type: 'worker.spawned', worker_id: id, session_id: id, description: 'bench', prompt: 'p' } as const;
  return (await store.create({ ...first, plan, owner: store.owner })).log;
}

async function measure(name: string, operations: number, run: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await run();
  const wall = ((performance.now() - from) * 1000) / operations;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${name.padEnd(62)} ${wall.toFixed(1).padStart(9)} ${((user + system) / operations).toFixed(1).padStart(9)}`,
  );
}

console.log(`${''.padEnd(62)} ${'wall us'.padStart(9)} ${'CPU us'.padStart(9)}   per operation`);

const store = openStore({ logsDir: folder(), clock });
const log = await spawn(store, 0);
await measure('append of a 600-byte result, written only', 5000, async () => {
  for (let n = 0; n < 5000; n += 1) await log.append(finished('t', 600));
});
await measure('append of tool.started, flushed', 500, async () => {
  for (let n = 0; n < 500; n += 1) await log.append(started('t'));
});
await measure('append of 50 at once, one write, one flush, per append', 5000, async () => {
  for (let n = 0; n < 100; n += 1) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => log.append(k === 0 ? started('t') : finished('t', 600))));
  }
});
await store.close();

for (const [name, files] of [
  ['flushed', diskFiles],
  ['not flushed', unflushed],
] as const) {
  const fleet = openStore({ logsDir: folder(), clock, files });
  await measure(`1,000 workers at once: spawn, 3 tool turns, end; ${name}; per append`, 12_000, async () => {
    const work = async (n: number) => {
      const log = await spawn(fleet, n);
      await log.append({ type: 'worker.started' });
      for (const id of ['a', 'b', 'c']) {
        await log.append(reply(id));
        await log.append(started(id));
        await log.append(finished(id, 600));
      }
      await log.append(completed);
    };
    await Promise.all(Array.from({ length: 1000 }, (_, n) => work(n)));
  });
  await fleet.close();
}
if (process.platform === 'linux') console.log(`descriptors open after that: ${readdirSync('/proc/self/fd').length}`);

for (const turns of [50, 100, 200, 400]) {
  const long = openStore({ logsDir: folder(), clock, files: unflushed });
  const log = await spawn(long, 0);
  await measure(`${turns} turns of 10 kB with a transcript each; per turn`, turns, async () => {
    for (let n = 0; n < turns; n += 1) {
      await log.append(reply(`t${n}`));
      await log.append(finished(`t${n}`, 10_000));
      await long.writeTranscript(log);
    }
  });
  await measure(`  the same read back and folded; per turn`, turns, () => replay(log.path, () => {}).then(() => {}));
  await long.close();
}

const many = folder();
const filled = openStore({ logsDir: many, clock, files: unflushed });
for (let n = 0; n < 5000; n += 1) {
  const log = await spawn(filled, n);
  for (const event of [reply('t'), finished('t', 600), completed]) await log.append(event);
  await filled.writeTranscript(log);
}
await measure('list of 5,000, by the process that ran them; the whole list', 1, () => filled.list().then(() => {}));
await filled.close();
const next = openStore({ logsDir: many, clock });
await measure('list of 5,000, first in a new process; the whole list', 1, () => next.list().then(() => {}));
await measure('list of 5,000, again; the whole list', 1, () => next.list().then(() => {}));
await measure('find by session among 5,000', 1, async () => void next.find('00001387-0000-4000-8000'));
rmSync(join(many, '.worker-index.jsonl'));
const bare = openStore({ logsDir: many, clock });
await measure('list of 5,000 without the index: every journal read', 1, () => bare.list().then(() => {}));
await next.close();
await bare.close();
rmSync(root, { recursive: true });
