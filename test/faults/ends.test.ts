// Every way that a server or a worker ends, on the compiled binary: the order of what is gone, closed and said. Times are printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary, host, type Host, writtenPid } from '../binary/host.ts';
import { toolUse, type Turn } from '../fakes/messages-api.ts';
import type { RpcProcess } from '../fakes/rpc-process.ts';

const workers = 5;

/** Each worker runs a command that ignores TERM, with a child of its own; all have written their pids. */
async function busyHost(t: TestContext): Promise<Host & { pids: () => Promise<number[]> }> {
  const world = await host(t, {
    script: ({ replies, conversation }: Turn) => {
      const name = /worker (\d)/.exec(conversation)?.[1];
      if (replies > 0) return 'heard';
      return toolUse('Bash', { command: `trap '' TERM; sleep 600 & echo "$$ $!" > pid.${name}; wait; sleep 600` });
    },
  });
  return {
    ...world,
    pids: async () => {
      const names = () => readdir(world.folder).then((all) => all.filter((name) => name.startsWith('pid.')));
      const texts = async () => Promise.all((await names()).map((name) => readFile(join(world.folder, name), 'utf8')));
      while ((await texts()).filter((text) => text.endsWith('\n')).length < workers) await sleep(10);
      return (await texts()).flatMap((text) => text.trim().split(' ').map(Number));
    },
  };
}

async function spawnAll(server: RpcProcess): Promise<string[]> {
  const results = await Promise.all(
    Array.from({ length: workers }, (_, n) => server.call('spawn_worker', { description: 'd', prompt: `worker ${n}` })),
  );
  return results.map((result) => String(result['structuredContent'].worker_id));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/status') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // no such process
  }
}

async function lastEvents(folder: string): Promise<string[]> {
  const names = (await readdir(join(folder, 'logs'))).filter((name) => /^worker-.*\.jsonl$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'logs', name), 'utf8')));
  return texts.map((text) => (text.endsWith('\n') ? JSON.parse(text.trimEnd().split('\n').at(-1)!).type : 'torn'));
}

const ends: readonly (readonly [string, (server: RpcProcess) => void])[] = [
  ['SIGTERM', (server) => server.signal('SIGTERM')],
  ['SIGINT', (server) => server.signal('SIGINT')],
  ['SIGHUP', (server) => server.signal('SIGHUP')],
  ['the end of stdin', (server) => server.child.stdin.end()],
];

for (const [name, end] of ends) {
  test(`${name} with ${workers} stubborn commands: exit 0, processes gone before it, journals closed`, async (t) => {
    const { start, folder, pids } = await busyHost(t);
    const server = await start(['--allow', 'Bash', '--allow', 'Edit']);
    await spawnAll(server);
    const wait = server.startCall('wait');
    const running = await pids();
    end(server);
    const { code, ms } = await server.ended();
    const alive = running.filter(isAlive);
    t.diagnostic(`${name}: ${Math.round(ms)} ms`);
    assert.deepEqual([code, alive, server.junk], [0, [], []], server.stderr);
    assert.deepEqual(await lastEvents(folder), Array(workers).fill('worker.stopped'));
    assert.ok(
      server.messages.some((message) => message.id === wait),
      'the open wait was answered',
    );
    const next = await start();
    const { workers: listed } = (await next.call('list_workers'))['structuredContent'];
    assert.deepEqual(new Set(listed.map((worker: { status: string }) => worker.status)), new Set(['stopped']));
  });
}

test('stop_worker: its processes are gone when it answers, the others run on, it can be resumed', async (t) => {
  const { start, pids } = await busyHost(t);
  const server = await start(['--allow', 'Bash', '--allow', 'Edit']);
  const ids = await spawnAll(server);
  const running = await pids();
  const begun = performance.now();
  const stopped = await server.call('stop_worker', { worker_id: ids[0] });
  t.diagnostic(`stop_worker: ${Math.round(performance.now() - begun)} ms`);
  assert.equal(stopped['structuredContent'].status, 'stopped');
  assert.equal(running.filter(isAlive).length, running.length - 2);
  await server.call('resume_worker', { worker_id: ids[0], prompt: 'on' });
  const { completed } = (await server.call('wait', { mode: 'any', worker_ids: [ids[0]] }))['structuredContent'];
  assert.equal(completed[0].result_preview, 'heard');
});

test('the host is killed: its server notices, ends, and takes every command with it', async (t) => {
  const { folder, pids, api } = await busyHost(t);
  // A host that starts the server over pipes, spawns its workers, and then only lives.
  const lines = [
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'h', version: '0' } },
    },
    ...Array.from({ length: workers }, (_, n) => ({
      jsonrpc: '2.0',
      id: n + 1,
      method: 'tools/call',
      params: { name: 'spawn_worker', arguments: { description: 'd', prompt: `worker ${n}` } },
    })),
  ];
  await writeFile(join(folder, 'lines'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  const script = `sh -c 'echo $$ > writer; cat lines; exec sleep 600' | "$0" mcp --allow Bash --allow Edit > out & echo $! > server; wait`;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: api.url };
  const parent = spawn('/bin/sh', ['-c', script, binary], { cwd: folder, env, stdio: 'ignore' });
  const running = await pids();
  const server = await writtenPid(join(folder, 'server'));
  assert.ok(isAlive(server));
  // What a host is to its server: the parent, and the other end of its stdin.
  process.kill(parent.pid!, 'SIGKILL');
  process.kill(Number(await readFile(join(folder, 'writer'), 'utf8')), 'SIGKILL');
  const begun = performance.now();
  for (let n = 0; n < 2_000 && [...running, server].some(isAlive); n += 1) await sleep(10);
  t.diagnostic(`all gone ${Math.round(performance.now() - begun)} ms after the host`);
  assert.deepEqual([...running, server].filter(isAlive), []);
  assert.deepEqual(await lastEvents(folder), Array(workers).fill('worker.stopped'));
});
