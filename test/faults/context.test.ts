// A conversation that outgrows the window of its model: the server shortens it where it can, else the worker fails with a hint.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findModel, modelTable, reply, thinking, toolUse, type Turn } from '../fakes/messages-api.ts';
import { type FaultWorld, faultWorld } from './world.ts';

const window = 100_000;

/** Reads the same 30 kB file again and again: more than the window holds. */
async function longWork(t: TestContext, model: string, facts: object, reads = 18): Promise<FaultWorld> {
  const row = { ...findModel(modelTable, model)!, context: window };
  const world = await faultWorld(
    t,
    {
      models: [row],
      refusalsExpected: true,
      script: ({ replies }: Turn) => {
        if (replies >= reads) return reply('All read.');
        const thought = row.thinkingDefault === 'on' ? [thinking(`step ${replies}`)] : [];
        return reply([...thought, toolUse('Read', { file_path: join(world.folder, 'long.txt') })]);
      },
    },
    { models: { models: [{ id: model, context_window: window, ...facts }], ...hosts(facts) } },
  );
  await writeFile(join(world.folder, 'long.txt'), 'a line of some forty characters, like these\n'.repeat(660));
  return world;
}

function hosts(facts: object): object {
  return 'context_edit' in facts && facts.context_edit === 'none' ? {} : { context_edit_hosts: 'any' };
}

function bodies(
  world: FaultWorld,
): readonly { messages: unknown[]; context_management?: { edits: { type: string }[] } }[] {
  return world.api.requests.map(({ body }) => body as never);
}

function assertAppendOnly(world: FaultWorld): void {
  const all = bodies(world).map(({ messages }) => messages.map((message) => unmarked(message)));
  for (const [index, messages] of all.entries()) {
    const before = all[index - 1] ?? [];
    assert.deepEqual(messages.slice(0, before.length), before, `request ${index + 1} changes what was sent`);
  }
}

function unmarked(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => (key === 'cache_control' ? undefined : value)).replace(
    /"content":"([^"]*)"/,
    '"content":[{"type":"text","text":"$1"}]',
  );
}

for (const model of ['claude-sonnet-5-5', 'claude-sonnet-4-6']) {
  test(`${model}: the server writes a summary, the worker keeps it and goes on to the end`, async (t) => {
    const world = await longWork(t, model, {});
    const { completed } = await world.run('Read it all', { model });
    assert.equal(completed[0]?.result, 'All read.', JSON.stringify(world.of('worker.failed')));
    const sent = bodies(world);
    const asking = sent.findIndex((body) => body.context_management !== undefined);
    assert.ok(asking > 0, 'a short conversation asks for nothing');
    assert.ok(sent.slice(asking).every((body) => body.context_management?.edits[0]?.type === 'compact_20260112'));
    const kept = world.of('model.replied').filter(({ content }) => content.some(({ type }) => type === 'compaction'));
    assert.ok(kept.length >= 1);
    assertAppendOnly(world);
    await world.manager.resume({ worker_id: completed[0].worker_id, prompt: 'And now?' });
    const resumed = await world.manager.wait({});
    assert.deepEqual([resumed.failed, resumed.completed.length], [[], 1]);
    assertAppendOnly(world);
  });
}

test('a model of 4.5: older tool results are left out by the server', async (t) => {
  const world = await longWork(t, 'claude-haiku-4-5', {});
  const { completed } = await world.run('Read it all', { model: 'claude-haiku-4-5' });
  assert.equal(completed[0]?.result, 'All read.', JSON.stringify(world.of('worker.failed')));
  assert.equal(bodies(world).at(-1)?.context_management?.edits[0]?.type, 'clear_tool_uses_20250919');
  assertAppendOnly(world);
});

test('without such means the worker fails with a hint, and can still be read and resumed', async (t) => {
  const world = await longWork(t, 'claude-haiku-4-5', { context_edit: 'none' });
  const { failed } = await world.run('Read it all', { model: 'claude-haiku-4-5' });
  assert.equal(failed[0]?.error_type, 'context_window');
  assert.match(failed[0].error_hint, /no longer fits the model.*prompt is too long.*Start a new worker with a summary/);
});

test('a server that turns out not to have them is asked once', async (t) => {
  const world = await longWork(t, 'claude-haiku-4-5', { context_edit: 'compact' });
  const { failed } = await world.run('Read it all', { model: 'claude-haiku-4-5' });
  assert.equal(failed[0]?.error_type, 'context_window');
  assert.deepEqual(
    world.of('model.retried').map(({ message }) => message),
    [
      'Sent again without context editing (400): context_management.edits.0: compact_20260112 is not supported on this model',
    ],
  );
  assert.equal(bodies(world).filter((body) => body.context_management !== undefined).length, 1);
});

test('the results of one turn together are bounded: twelve reads of 30 kB in one turn', async (t) => {
  const world = await faultWorld(t, {
    script: ({ replies }: Turn) =>
      replies > 0
        ? 'Read.'
        : reply(Array.from({ length: 12 }, () => toolUse('Read', { file_path: join(world.folder, 'long.txt') }))),
  });
  await writeFile(join(world.folder, 'long.txt'), 'a line of some forty characters, like these\n'.repeat(660));
  assert.equal((await world.run('Read it')).completed.length, 1);
  const results = world.of('tool.finished').map(({ content }) => (typeof content === 'string' ? content : ''));
  assert.equal(results.length, 12);
  const total = results.reduce((sum, text) => sum + text.length, 0);
  assert.ok(total < 200_000 + 12 * 4_200, `${total} characters`);
  assert.match(results.at(-1)!, /characters cut here: the results of one turn may hold 200000 together/);
  assert.doesNotMatch(results[0]!, /cut here/);
});
