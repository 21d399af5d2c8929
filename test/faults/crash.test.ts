// The compiled binary, killed or robbed of its disk: what was reported stays, what was cut off is said, all of it goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary, host, writtenPid } from '../binary/host.ts';
import { toolUse, type Turn } from '../fakes/messages-api.ts';
import { RpcProcess } from '../fakes/rpc-process.ts';
import { soak, type SoakFigures } from './soak.ts';

type Entry = Record<string, any>;

async function data(server: RpcProcess, name: string, args: Record<string, unknown> = {}): Promise<Entry> {
  const result = await server.call(name, args);
  assert.equal(result['isError'], undefined, JSON.stringify(result['content']));
  return result['structuredContent'];
}

async function spawn(server: RpcProcess, prompt: string): Promise<string> {
  return (await data(server, 'spawn_worker', { description: prompt, prompt }))['worker_id'];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !/^State:\s+Z/m.test(statusOf(pid));
  } catch {
    return false; // no such process
  }
}

function statusOf(pid: number): string {
  return existsSync('/proc/self/status') ? execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }) : '';
}

const faultless = (figures: SoakFigures) => {
  const { lost, run_twice, hung, unreadable, undone, not_as_folded, orphans, refused_by_the_api } = figures;
  return { lost, run_twice, hung, unreadable, undone, not_as_folded, orphans, refused_by_the_api };
};
const nothing = {
  lost: 0,
  run_twice: 0,
  hung: 0,
  unreadable: 0,
  undone: 0,
  not_as_folded: 0,
  orphans: 0,
  refused_by_the_api: 0,
};

/** The limits are only there to end a test that hangs: on a busy machine a soak takes its time. */
const patience = { timeout: 150_000 };
const shared = { binary, outageSeconds: 0, deadlineSeconds: 120 };

test(
  'killed at seeded moments, four times over: nothing is lost, nothing runs twice, all of it completes',
  patience,
  async () => {
    const plan = { ...shared, workers: 20, kills: 4, faults: 0 };
    const figures = await soak({ ...plan, seed: 7, say: () => undefined });
    assert.deepEqual([figures.completed, faultless(figures)], [20, nothing], JSON.stringify(figures));
  },
);

test('a short soak: 24 workers, a tenth of all answers faulty, one kill', patience, async () => {
  const plan = { ...shared, workers: 24, kills: 1, faults: 0.1 };
  const figures = await soak({ ...plan, seed: 11, say: () => undefined });
  assert.deepEqual([figures.completed, faultless(figures)], [24, nothing], JSON.stringify(figures));
});

test('killed inside a tool: its processes are gone, the model learns that it may have run, nothing runs again', async (t) => {
  const { start, api, folder } = await host(t, {
    script: ({ replies, toolResults }: Turn) => {
      if (replies === 0) return toolUse('Bash', { command: 'echo first >> marks' });
      if (replies === 1) return toolUse('Bash', { command: 'echo second >> marks; echo $$ > pid; exec sleep 600' });
      return `Heard: ${toolResults.map(({ text }) => text).join()}`;
    },
  });
  const first = await start(['--allow', 'Bash', '--allow', 'Edit']);
  const id = await spawn(first, 'work');
  const pid = await writtenPid(join(folder, 'pid'));
  await first.kill();
  for (let n = 0; n < 2_000 && isAlive(pid); n += 1) await sleep(10);
  assert.equal(isAlive(pid), false);

  const second = await start(['--allow', 'Bash', '--allow', 'Edit']);
  const { failed } = await data(second, 'wait', { worker_ids: [id] });
  assert.equal(failed[0].error_type, 'interrupted');
  assert.match(failed[0].error_hint, /resume/i);
  await data(second, 'resume_worker', { worker_id: id, prompt: 'Go on.' });
  const { completed } = await data(second, 'wait');
  assert.match(completed[0].result_preview, /^Heard: .*It may have run, in part or whole/);
  assert.equal(await readFile(join(folder, 'marks'), 'utf8'), 'first\nsecond\n');
  api.assertFinished();
});

test('a missing, an outdated and a torn file after a kill: three workers as they were', async (t) => {
  const { start, folder } = await host(t, { script: ({ prompt }: Turn) => `Answer to ${prompt.split('\n').at(-1)}` });
  const first = await start();
  const ids = [await spawn(first, 'one'), await spawn(first, 'two'), await spawn(first, 'three')];
  await data(first, 'wait');
  await first.kill();
  const path = (id: string, ending: string) => join(folder, 'logs', `worker-${id}.${ending}`);
  await rm(path(ids[0]!, 'json'));
  await writeFile(path(ids[1]!, 'json'), '{"result": "of an earlier day"}');
  await utimes(path(ids[1]!, 'json'), 1, 1);
  await appendFile(path(ids[2]!, 'jsonl'), '{"v":1,"seq":9,"at":"2026-');

  const second = await start();
  const { completed } = await data(second, 'wait', { worker_ids: ids });
  assert.deepEqual(
    completed.map(({ result_preview }: Entry) => result_preview),
    ['Answer to one', 'Answer to two', 'Answer to three'],
  );
  for (const id of ids) {
    assert.equal(JSON.parse(await readFile(path(id, 'json'), 'utf8')).status, 'completed');
    await data(second, 'resume_worker', { worker_id: id, prompt: 'again' });
  }
  assert.equal((await data(second, 'wait'))['completed'].length, 3);
});

test('two servers in one folder: the second reads, waits, and never writes a worker of the first', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { start } = await host(t, {
    script: async () => {
      await gate.promise;
      return 'done';
    },
  });
  const [first, second] = [await start(), await start()];
  const id = await spawn(first, 'long');
  const { workers } = await data(second, 'list_workers');
  assert.deepEqual([workers[0].worker_id, workers[0].status], [id, 'running']);
  const refused = await second.call('resume_worker', { worker_id: id, prompt: 'mine' });
  assert.equal(refused['isError'], true);
  assert.match(refused['content'][0].text, new RegExp(`is being run by process ${first.child.pid}`));
  const waited = data(second, 'wait', { worker_ids: [id] });
  gate.resolve();
  assert.equal((await data(first, 'wait'))['completed'].length, 1);
  assert.equal((await waited)['completed'][0].worker_id, id);
  await data(second, 'resume_worker', { worker_id: id, prompt: 'now it may' });
  assert.equal((await data(second, 'wait'))['completed'][0].num_turns, 2);
});

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** Reads a file of 20 kB in every turn until it is told to go on: far more than the disk takes. */
const greedy = ({ prompt, replies }: Turn) =>
  prompt.includes('enough') || replies > 40 ? 'done' : toolUse('Read', { file_path: 'long.txt' });

test(
  'a full disk: the worker fails and says so, the server goes on, with room again it is resumed',
  { skip: !isRoot },
  async (t) => {
    const { start, folder } = await host(t, { script: greedy });
    await writeFile(join(folder, 'long.txt'), `${'x'.repeat(99)}\n`.repeat(200));
    const dir = join(folder, 'small');
    await mkdir(dir);
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', dir]);
    try {
      await writeFile(join(dir, 'filler'), 'x'.repeat(300_000));
      const server = await start(['--logs-dir', dir]);
      const id = await spawn(server, 'read on');
      const { failed } = await data(server, 'wait');
      assert.equal(failed[0].error_type, 'journal_error');
      assert.match(failed[0].error_hint, /no space left on the device.*resume/);
      assert.deepEqual((await server.request('ping')).result, {});
      await rm(join(dir, 'filler'));
      await data(server, 'resume_worker', { worker_id: id, prompt: 'That is enough.' });
      assert.equal((await data(server, 'wait'))['completed'].length, 1);
      server.child.stdin.end();
      assert.equal((await server.ended()).code, 0);
    } finally {
      execFileSync('/bin/umount', ['-l', dir]);
    }
  },
);

test(
  'a journal at the file-size limit of the process fails its own worker alone',
  { skip: process.platform === 'win32' },
  async (t) => {
    const { api, folder } = await host(t, {
      script: (turn) => (turn.prompt.includes('short') ? 'done' : greedy(turn)),
    });
    await writeFile(join(folder, 'long.txt'), `${'x'.repeat(99)}\n`.repeat(200));
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: api.url };
    const limited = `trap '' XFSZ; ulimit -f 400; exec "$0" mcp`;
    const server = new RpcProcess('/bin/sh', ['-c', limited, binary], { cwd: folder, env });
    t.after(() => server.kill());
    await server.initialize();
    await spawn(server, 'read on');
    await spawn(server, 'short');
    const { failed, completed } = await data(server, 'wait');
    assert.deepEqual([failed[0].error_type, completed.length], ['journal_error', 1]);
    assert.match(failed[0].error_hint, /Could not write .*worker-/);
  },
);
