// The wait tool as a client sees it: heartbeat, cancellation, several at once, limits, the manifest.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import type { WaitQuery } from '../../src/contract/manager.ts';
import type { CompletedEntry } from '../../src/contract/worker.ts';
import { says } from '../fakes/scripted-model.ts';
import { type ManagerWorld, managerWorld } from '../manager/world.ts';
import { connect, textsOf } from './connect.ts';

async function spawned({ manager }: ManagerWorld, ...prompts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const prompt of prompts) ids.push((await manager.spawn({ description: `task ${prompt}`, prompt })).worker_id);
  return ids;
}

async function end(world: ManagerWorld, prompt: string, text = 'done'): Promise<void> {
  (await world.asked(prompt)).answer(says(text));
}

type Ids = readonly { readonly worker_id: string }[];
type Waited = { readonly completed: Ids; readonly running: Ids; readonly [key: string]: unknown };
type Progress = { readonly progressToken: unknown; readonly progress: number; readonly message: string };

function idsOf(list: Ids): string[] {
  return list.map((entry) => entry.worker_id).toSorted();
}

function sorted(...ids: (string | undefined)[]): string[] {
  return ids.map(String).toSorted();
}

function progressOf(sent: readonly unknown[]): Progress[] {
  return (sent as { method?: string; params: Progress }[])
    .filter((message) => message.method === 'notifications/progress')
    .map((message) => message.params);
}

test('progress names what runs, grows, comes while it blocks and stops with the answer', async (t) => {
  const world = await managerWorld(t);
  await spawned(world, 'a', 'b');
  const { call, sent } = await connect(world.manager, { heartbeatMs: 5 });
  const left = ['a', 'b'];
  const onprogress = ({ message = '' }: { message?: string | undefined }) => {
    const done = 2 - left.length;
    if (message.startsWith(`${done}/2 done`)) void end(world, left.shift() ?? '');
  };
  await call('wait', {}, { onprogress });
  const progress = progressOf(sent);
  assert.deepEqual(
    progress.map((one) => one.progress),
    progress.map((_, index) => index + 1),
  );
  assert.match(progress[0]!.message, /^0\/2 done/);
  assert.ok(progress.some((one) => one.message.startsWith('1/2 done')));
  assert.ok(!('method' in sent.at(-1)!), 'the answer is the last thing sent');
});

test('no token, no progress', async (t) => {
  const world = await managerWorld(t);
  await spawned(world, 'a');
  const { call, sent } = await connect(world.manager, { heartbeatMs: 1 });
  await call('wait', { timeout_seconds: 0.02 });
  assert.deepEqual(progressOf(sent), []);
});

test('a cancelled wait leaves the workers alone, and repeated it gives everything', async (t) => {
  const world = await managerWorld(t);
  const [first, second] = await spawned(world, 'a', 'b');
  const { call } = await connect(world.manager);
  const controller = new AbortController();
  const cancelled = call('wait', {}, { signal: controller.signal });
  await end(world, 'a');
  controller.abort('enough');
  await assert.rejects(cancelled);
  await end(world, 'b');
  const { completed } = (await call('wait')).structuredContent as Waited;
  assert.deepEqual(idsOf(completed), sorted(first, second));
});

test('several waits at once, beside a spawn, each get their answer', async (t) => {
  const world = await managerWorld(t);
  const [first, second] = await spawned(world, 'a', 'b');
  const { call } = await connect(world.manager);
  const any = call('wait', { mode: 'any' });
  const one = call('wait', { worker_ids: [second] });
  const all = call('wait');
  const third = textsOf(await call('spawn_worker', { description: 'd', prompt: 'c' }))[0]!;
  const shape = async (result: typeof all) => {
    const { completed, running } = (await result).structuredContent as Waited;
    return [idsOf(completed), idsOf(running)];
  };
  await end(world, 'a');
  assert.deepEqual(await shape(any), [[first], sorted(second, third)]);
  await end(world, 'b');
  assert.deepEqual(await shape(one), [[second], []]);
  await end(world, 'c');
  assert.deepEqual(await shape(all), [sorted(first, second, third), []]);
});

test('the limit of the host holds whatever the caller asked for', async (t) => {
  const world = await managerWorld(t);
  await spawned(world, 'a');
  const seen: WaitQuery[] = [];
  const wait = world.manager.wait.bind(world.manager);
  world.manager.wait = (query, signal) => {
    seen.push(query);
    return wait({ ...query, timeout_seconds: 0.001 }, signal);
  };
  const { call } = await connect(world.manager, { waitSeconds: 280 });
  await call('wait');
  await call('wait', { timeout_seconds: 3600 });
  const result = await call('wait', { timeout_seconds: 5 });
  assert.deepEqual(
    seen.map((query) => query.timeout_seconds),
    [280, 280, 5],
  );
  assert.equal((result.structuredContent as Waited).running.length, 1);
});

async function hundred(world: ManagerWorld): Promise<string[]> {
  const prompts = Array.from({ length: 100 }, (_, n) => `p${n}`);
  const ids = await spawned(world, ...prompts);
  await Promise.all(prompts.map((prompt) => end(world, prompt, 'x'.repeat(500))));
  return ids;
}

test('completed entries that do not fit are in the manifest that is named', async (t) => {
  const world = await managerWorld(t, { cap: 100 });
  const ids = await hundred(world);
  const { call } = await connect(world.manager);
  const result = await call('wait');
  const output = result.structuredContent as Waited & {
    readonly manifest_path: string;
    readonly manifest_count: number;
  };
  const moved = JSON.parse(await readFile(output.manifest_path, 'utf8')) as
    CompletedEntry[] | { completed: CompletedEntry[] };
  const entries = Array.isArray(moved) ? moved : moved.completed;
  assert.equal(entries.length, output.manifest_count);
  assert.equal(entries[0]?.result_preview.length, 200);
  assert.deepEqual(idsOf([...output.completed, ...entries]), ids.toSorted());
  assert.ok(Buffer.byteLength(textsOf(result)[0]!) <= 10_000);
});

test('a manifest that cannot be written costs its path, not the answer', async (t) => {
  const world = await managerWorld(t, { cap: 100 });
  await hundred(world);
  world.manager.writeManifest = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const { call } = await connect(world.manager);
  const output = (await call('wait')).structuredContent as Waited;
  assert.equal(output['manifest_path'], undefined);
  assert.match(String(output['manifest_error']), /^\d+ more have completed; .*no space left.*See list_workers\.$/);
});

test('include_results adds the results, within the bound', async (t) => {
  const world = await managerWorld(t);
  await spawned(world, 'a', 'b');
  await end(world, 'a', 'short');
  await end(world, 'b', 'é'.repeat(30_000));
  const { call } = await connect(world.manager);
  const result = await call('wait', { include_results: true });
  const { completed } = result.structuredContent as { completed: { result: string }[] };
  assert.equal(completed[0]?.result, 'short');
  assert.match(String(completed[1]?.result), /^é{4000,}… \[cut: 60000 bytes in all\]$/);
  assert.ok(Buffer.byteLength(textsOf(result)[0]!) <= 10_000);
});

test('an ending server answers the waits that are open', async (t) => {
  const world = await managerWorld(t);
  await spawned(world, 'a');
  const shutdown = new AbortController();
  const { call } = await connect(world.manager, { signal: shutdown.signal });
  const waiting = call('wait');
  await new Promise((resolve) => setImmediate(resolve));
  shutdown.abort(new Error('aworkers is ending.'));
  const result = await waiting;
  assert.deepEqual([result.isError, textsOf(result)], [true, ['wait failed: aworkers is ending.']]);
});
