// The wait tool as a client sees it: heartbeat, cancellation, several at once, limits, the manifest.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { WaitQuery } from '../../src/contract/manager.ts';
import { InMemoryManager } from '../fakes/in-memory-manager.ts';
import { connect, textsOf } from './connect.ts';

async function spawned(manager: InMemoryManager, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push((await manager.spawn({ description: `task ${n}`, prompt: 'p' })).worker_id);
  return ids;
}

type Progress = { progressToken: unknown; progress: number; message: string };

function progressOf(sent: readonly unknown[]): Progress[] {
  return (sent as { method?: string; params: Progress }[])
    .filter((message) => message.method === 'notifications/progress')
    .map((message) => message.params);
}

test('progress names what runs, grows, comes while it blocks and stops with the answer', async () => {
  const manager = new InMemoryManager();
  const [first, second] = await spawned(manager, 2);
  const { call, sent } = await connect(manager, { heartbeatMs: 5 });
  let beats = 0;
  const onprogress = () => {
    beats += 1;
    if (beats === 2) manager.complete(first!);
    if (beats === 4) manager.complete(second!);
  };
  await call('wait', {}, { onprogress });
  const progress = progressOf(sent);
  assert.deepEqual(
    progress.map((one) => [one.progress, one.message]),
    [
      [1, '0/2 done'],
      [2, '0/2 done'],
      [3, '1/2 done'],
      [4, '1/2 done'],
    ],
  );
  assert.ok(!('method' in sent.at(-1)!), 'the answer is the last thing sent');
});

test('no token, no progress', async () => {
  const manager = new InMemoryManager();
  const [id] = await spawned(manager, 1);
  const { call, sent } = await connect(manager, { heartbeatMs: 1 });
  setTimeout(() => manager.complete(id!), 20);
  await call('wait');
  assert.deepEqual(progressOf(sent), []);
});

test('a cancelled wait leaves the workers alone, and repeated it gives everything', async () => {
  const manager = new InMemoryManager();
  const [first, second] = await spawned(manager, 2);
  const { call } = await connect(manager);
  const controller = new AbortController();
  const cancelled = call('wait', {}, { signal: controller.signal });
  manager.complete(first!);
  controller.abort('enough');
  await assert.rejects(cancelled);
  assert.equal(manager.workers.get(second!)?.state, 'running');
  manager.complete(second!);
  const { completed } = (await call('wait')).structuredContent as { completed: { worker_id: string }[] };
  assert.deepEqual(
    completed.map((entry) => entry.worker_id),
    [first, second],
  );
});

test('several waits at once, beside a spawn, each get their answer', async () => {
  const manager = new InMemoryManager();
  const [first, second] = await spawned(manager, 2);
  const { call } = await connect(manager);
  const any = call('wait', { mode: 'any' });
  const one = call('wait', { worker_ids: [second] });
  const all = call('wait');
  const third = textsOf(await call('spawn_worker', { description: 'd', prompt: 'p' }))[0]!;
  manager.complete(first!);
  const shape = (result: Awaited<typeof all>) => {
    const { completed, running } = result.structuredContent as Record<string, { worker_id: string }[]>;
    return [completed, running].map((list) => list?.map((entry) => entry.worker_id));
  };
  assert.deepEqual(shape(await any), [[first], [second]]);
  manager.complete(second!);
  manager.complete(third);
  assert.deepEqual(shape(await one), [[second], []]);
  assert.deepEqual(shape(await all), [[first, second], []]);
});

test('the limit of the host holds whatever the caller asked for', async () => {
  const manager = new InMemoryManager();
  await spawned(manager, 1);
  const seen: WaitQuery[] = [];
  const wait = manager.wait.bind(manager);
  manager.wait = (query, signal) => {
    seen.push(query);
    return wait({ ...query, timeout_seconds: 0.001 }, signal);
  };
  const { call } = await connect(manager, { waitSeconds: 280 });
  await call('wait');
  await call('wait', { timeout_seconds: 3600 });
  const result = await call('wait', { timeout_seconds: 5 });
  assert.deepEqual(
    seen.map((query) => query.timeout_seconds),
    [280, 280, 5],
  );
  assert.equal((result.structuredContent as { running: unknown[] }).running.length, 1);
});

test('completed entries that do not fit are in the manifest that is named', async () => {
  const manager = new InMemoryManager();
  for (const id of await spawned(manager, 150)) manager.complete(id, 'x'.repeat(500));
  const { call } = await connect(manager);
  const result = await call('wait');
  const output = result.structuredContent as { completed: unknown[]; manifest_path: string; manifest_count: number };
  assert.deepEqual(
    [output.manifest_path, output.manifest_count, output.completed.length + output.manifest_count],
    ['/logs/manifest-1.json', manager.manifests[0]?.length, 150],
  );
  assert.ok(Buffer.byteLength(textsOf(result)[0]!) <= 10_000);
});

test('a manifest that cannot be written costs its path, not the answer', async () => {
  const manager = new InMemoryManager();
  for (const id of await spawned(manager, 150)) manager.complete(id);
  manager.writeManifest = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const { call } = await connect(manager);
  const output = (await call('wait')).structuredContent as Record<string, unknown>;
  assert.equal(output['manifest_path'], undefined);
  assert.match(
    String(output['manifest_error']),
    /^\d+ more have completed; .*no space left on device.*See list_workers\.$/,
  );
});

test('an ending server answers the waits that are open', async () => {
  const manager = new InMemoryManager();
  await spawned(manager, 1);
  const shutdown = new AbortController();
  const { call } = await connect(manager, { signal: shutdown.signal });
  const waiting = call('wait');
  await new Promise((resolve) => setImmediate(resolve));
  shutdown.abort(new Error('aworkers is ending.'));
  const result = await waiting;
  assert.deepEqual([result.isError, textsOf(result)], [true, ['wait failed: aworkers is ending.']]);
});
