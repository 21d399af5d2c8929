// The process edges that the SDK leaves open, on a process run from source.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RpcProcess } from '../fakes/rpc-process.ts';

const program = fileURLToPath(new URL('../fakes/mcp-process.ts', import.meta.url));
const runtimeArgs = 'Deno' in globalThis ? ['run', '-A'] : [];

function startServer(t: TestContext, ...args: string[]): RpcProcess {
  const folder = mkdtempSync(join(tmpdir(), 'aworkers-process-'));
  const env = { ...process.env, TMPDIR: folder };
  const server = new RpcProcess(process.execPath, [...runtimeArgs, program, ...args], { env });
  t.after(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

async function waiting(t: TestContext): Promise<{ server: RpcProcess; id: number }> {
  const server = startServer(t);
  await server.initialize();
  await server.call('spawn_worker', { description: 'd', prompt: 'runs on' });
  const id = server.startCall('wait', {}, { progressToken: 'tök' });
  await server.until((message) => message.method === 'notifications/progress');
  return { server, id };
}

const ends: readonly (readonly [string, (server: RpcProcess) => void, string])[] = [
  ['the end of stdin', (server) => server.child.stdin.end(), 'stdin ended'],
  ['SIGTERM', (server) => server.signal('SIGTERM'), 'SIGTERM'],
  ['SIGINT', (server) => server.signal('SIGINT'), 'SIGINT'],
  ['SIGHUP', (server) => server.signal('SIGHUP'), 'SIGHUP'],
];

for (const [name, end, reason] of ends) {
  test(`${name} during a wait: the wait is answered, its worker stopped, exit code 0`, async (t) => {
    const { server, id } = await waiting(t);
    end(server);
    const { code, signal } = await server.ended();
    assert.deepEqual([code, signal, server.junk], [0, null, []]);
    assert.match(server.stderr, new RegExp(`ended: ${reason}; workers: stopped\n`));
    const answer = server.messages.find((message) => message.id === id && message.method === undefined);
    assert.match(answer?.result?.['content'][0].text, /aworkers is ending/);
  });
}

test('SIGINT, SIGTERM and the end of stdin together still end it once, with code 0', async (t) => {
  const { server } = await waiting(t);
  server.signal('SIGINT');
  server.signal('SIGTERM');
  server.child.stdin.end();
  assert.deepEqual((await server.ended()).code, 0);
  assert.match(server.stderr, /ended: [\w ]+; workers: stopped\n/);
});

test('a closed stdout ends it with the next heartbeat', async (t) => {
  const { server } = await waiting(t);
  server.child.stdout.destroy();
  assert.equal((await server.ended()).code, 0);
  assert.match(server.stderr, /ended: stdout closed; workers: stopped/);
});

test('a closed stderr ends nothing', async (t) => {
  const server = startServer(t);
  await server.initialize();
  server.child.stderr.destroy();
  server.write('junk\njunk\n');
  await server.answer(null);
  assert.deepEqual((await server.request('ping')).result, {});
});

test('an error that nobody caught is logged, and the server goes on', async (t) => {
  const server = startServer(t, '--faulty');
  await server.initialize();
  while (!/a timer broke[^]*a promise broke|a promise broke[^]*a timer broke/.test(server.stderr)) {
    await once(server.child.stderr, 'data');
  }
  assert.match(server.stderr, /Internal error, please report it; the server goes on\. Error: a timer broke/);
  assert.deepEqual((await server.request('ping')).result, {});
});

test('what was asked before the end of stdin is answered', async (t) => {
  const server = startServer(t);
  const tools = server.start('tools/list');
  const spawned = server.startCall('spawn_worker', { description: 'd', prompt: 'end' });
  server.child.stdin.end();
  assert.equal((await server.ended()).code, 0);
  assert.deepEqual(
    server.messages.map((message) => [message.id, message.result !== undefined]),
    [
      [tools, true],
      [spawned, true],
    ],
  );
});

test('nothing written is lost at the end, however slowly it is read', async (t) => {
  const server = startServer(t);
  await server.initialize();
  server.child.stdout.pause();
  const lists = Array.from({ length: 300 }, () => server.start('tools/list')); // some 4 MB of answers, far over a pipe's buffer
  server.child.stdin.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.child.stdout.resume();
  assert.equal((await server.ended()).code, 0);
  assert.deepEqual(
    server.messages.slice(1).map((message) => message.id),
    lists,
  );
  assert.deepEqual(server.junk, []);
});

test('junk, batches, broken and blank lines are answered or ignored, the next request served', async (t) => {
  const server = startServer(t);
  server.write(
    'hello\n\n\r\n{"jsonrpc":"2.0"\n[]\n{"id":9,"method":"ping"}\n\u0000\uFFFF\n{"jsonrpc":"2.0","method":"notifications/none"}\n',
  );
  await server.request('ping');
  assert.deepEqual(
    server.messages.map((message) => [message.id, message.error?.code]),
    [
      [null, -32700],
      [null, -32700],
      [null, -32600],
      [9, -32600],
      [null, -32700],
      [1, undefined],
    ],
  );
});

test('unknown requests before initialize are answered, and the handshake goes on', async (t) => {
  const server = startServer(t);
  server.send({ jsonrpc: '2.0', id: 'server-discover-probe-1', method: 'server/discover', params: {} });
  assert.equal((await server.answer('server-discover-probe-1')).error?.code, -32601);
  const { result } = await server.initialize();
  assert.deepEqual(result?.['serverInfo'], { name: 'async_worker_manager', title: 'aworkers', version: '0' });
});

test('a message over the limit is refused under its id; the next one is served', async (t) => {
  const server = startServer(t, '10000');
  await server.initialize();
  const id = server.startCall('spawn_worker', { description: 'd', prompt: 'x'.repeat(50_000) });
  const { error } = await server.answer(id);
  assert.deepEqual([error?.code, error?.message.includes('at most 10000 are read')], [-32600, true]);
  assert.deepEqual((await server.request('ping')).result, {});
});

test('a prompt of 8 MB arrives whole, in chunks of any size', async (t) => {
  const server = startServer(t);
  await server.initialize();
  const description = 'ü€😀'.repeat(10);
  const line = Buffer.from(
    `${JSON.stringify({ jsonrpc: '2.0', id: 'big', method: 'tools/call', params: { name: 'spawn_worker', arguments: { description, prompt: `p\u2028${'😀'.repeat(2_000_000)}` } } })}\n`,
  );
  for (let at = 0; at < line.length; at += 100_003) {
    if (!server.child.stdin.write(line.subarray(at, at + 100_003))) await once(server.child.stdin, 'drain');
  }
  assert.equal((await server.answer('big')).result?.['structuredContent'].status, 'queued');
  const { structuredContent } = await server.call('list_workers');
  assert.equal(structuredContent.workers[0].description, description);
});

test('the progress token comes back as it was given', async (t) => {
  const { server } = await waiting(t);
  const beat = await server.until((message) => message.method === 'notifications/progress');
  assert.deepEqual([beat.params?.['progressToken'], beat.params?.['message'].startsWith('0/1 done')], ['tök', true]);
  server.startCall('wait', {}, { progressToken: 0 });
  await server.until((message) => message.params?.['progressToken'] === 0);
});

test('a cancelled wait is not answered, and repeated it is', async (t) => {
  const { server, id } = await waiting(t);
  server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: 'timeout' } });
  await server.call('spawn_worker', { description: 'quick', prompt: 'end' });
  const { structuredContent } = await server.call('wait', { mode: 'any' });
  assert.deepEqual(
    structuredContent.completed.map((entry: { description: string }) => entry.description),
    ['quick'],
  );
  assert.equal(
    server.messages.some((message) => message.id === id && message.method === undefined),
    false,
  );
});
