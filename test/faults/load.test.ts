// Limits and outages met by many workers at once, end to end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { host } from '../binary/host.ts';
import { overloaded, reply, spendCap, stall, toolUse, type Turn, wrongKey } from '../fakes/messages-api.ts';
import { fastClock, steppedClock } from '../model/wire.ts';
import { faultWorld } from './world.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

test('forty workers at an API that serves six at once: all complete, under two refusals each (binary)', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { start, api } = await host(t, {
    script: async ({ prompt }: Turn) => {
      await gate.promise;
      return reply(`Answer to ${prompt.split('\n').at(-1)}`, { firstByteMs: 20 });
    },
    concurrency: 6,
    concurrencyRetryAfter: { ms: 200 },
  });
  const server = await start([], { AWORKERS_MAX_CONCURRENCY: '40' });
  await Promise.all(numbers(40).map((n) => server.call('spawn_worker', { description: `w${n}`, prompt: `p${n}` })));
  await api.until(() => api.load.turnedAway > 0);
  gate.resolve();
  const { structuredContent: waited } = await server.call('wait');
  const moved = Number(waited['manifest_count'] ?? 0);
  assert.deepEqual([waited['failed'], waited['completed'].length + moved], [[], 40]);
  t.diagnostic(`${api.load.turnedAway} refusals for 40 workers, ${api.load.peak} at once`);
  assert.ok(api.load.turnedAway < 80, `${api.load.turnedAway} refusals`);
  assert.equal(api.load.peak, 6);
});

test('the API is gone for 30 s in the middle of a run of 20 workers: all complete', async (t) => {
  const clock = fastClock(60);
  const { manager, api, spawn, of } = await faultWorld(
    t,
    { script: ({ replies }: Turn) => (replies < 2 ? toolUse('Glob', { pattern: '*.ts' }) : 'done') },
    { clock },
  );
  await Promise.all(numbers(20).map((n) => spawn(`task ${n}`)));
  await api.until((requests) => requests.length >= 25);
  await api.down('refused');
  const up = clock.sleep(30_000).then(() => api.up());
  const { completed, failed } = await manager.wait({});
  await up;
  assert.deepEqual([completed.length, failed], [20, []]);
  assert.ok(of('model.retried').some(({ error_type }) => error_type === 'connection_error'));
});

test('a storm of 529 with HTML pages and cut streams in it, then calm: all complete', async (t) => {
  const { manager, spawn } = await faultWorld(
    t,
    { script: () => 'done', chaos: { seed: 3, rate: 0.4, retryMs: 50 } },
    { clock: fastClock(200) },
  );
  await Promise.all(numbers(30).map((n) => spawn(`task ${n}`)));
  const { completed, failed } = await manager.wait({});
  const last = failed.map(({ error_hint }) => error_hint);
  assert.deepEqual([completed.length + failed.length, last.every((hint) => /after 6 tries/.test(hint))], [30, true]);
  assert.ok(failed.length <= 2, last.join('\n'));
});

for (const [name, fault] of [
  ['a wrong key', wrongKey()],
  ['a spend cap', spendCap()],
] as const) {
  test(`${name} ends all workers at once with one message; their work is kept`, async (t) => {
    const { manager, spawn, api } = await faultWorld(t, {
      script: ({ conversation, replies }: Turn) => {
        if (conversation.includes('the last straw')) return fault;
        return replies === 0 ? reply('so far', { stopReason: 'pause_turn' }) : stall(reply('never'));
      },
    });
    await Promise.all(numbers(8).map((n) => spawn(`task ${n}`)));
    await api.until((requests) => requests.length === 16);
    await spawn('the last straw');
    const { failed } = await manager.wait({ include_results: true });
    assert.equal(failed.length, 9);
    assert.equal(new Set(failed.map(({ error_hint }) => error_hint)).size, 1, failed[0]?.error_hint);
    assert.equal(failed.filter(({ result }) => result === 'so far').length, 8);
    assert.equal(api.requests.length, 17);
  });
}

test('a stalled stream is visible: in the progress line and by its last activity; then it is given up and asked again', async (t) => {
  const clock = steppedClock();
  const { manager, spawn, api, of } = await faultWorld(
    t,
    { script: ({ requests }: Turn) => (requests === 1 ? stall(reply('half')) : 'whole') },
    { clock, silence: { idleMs: 60_000, firstByteMs: 1e9 } },
  );
  await spawn('stalls');
  await api.until((requests) => requests.length === 1);
  const [before] = await manager.list();
  await clock.advance(30_000);
  assert.match(manager.progress(), /"stalls" without progress for 30 s/);
  const [during] = await manager.list();
  assert.equal(during?.last_activity_at, before?.last_activity_at);
  while (api.requests.length < 2) {
    await clock.advance(5_000);
    await new Promise((done) => setImmediate(done));
  }
  const { completed } = await manager.wait({ include_results: true });
  assert.equal(completed[0]?.result, 'whole');
  assert.deepEqual(
    of('model.retried').map(({ error_type, message }) => [error_type, message]),
    [['timeout_error', 'The API went silent: the stream stalled: no byte for 60 s']],
  );
});

test('AWORKERS_IDLE_SECONDS and AWORKERS_FIRST_BYTE_SECONDS reach the watchdog; a bad value is named (binary)', async (t) => {
  const { start, api } = await host(t, {
    script: ({ requests }: Turn) => (requests === 1 ? stall(reply('half')) : overloaded({ 'x-should-retry': 'false' })),
  });
  const server = await start([], { AWORKERS_IDLE_SECONDS: '0.2', AWORKERS_FIRST_BYTE_SECONDS: '20' });
  await server.call('spawn_worker', { description: 'd', prompt: 'p' });
  const { structuredContent: waited } = await server.call('wait');
  assert.equal(waited['failed'][0].error_type, 'overloaded_error');
  assert.deepEqual(
    api.requests.map(({ outcome }) => outcome),
    ['aborted', 'fault'],
  );
  await assert.rejects(start([], { AWORKERS_IDLE_SECONDS: 'soon' }), /AWORKERS_IDLE_SECONDS must be a number/);
});
