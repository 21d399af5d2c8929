// Who may send when: refusals, overload, pauses, headers, order, aborts.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as api from '../fakes/messages-api.ts';
import { createGovernor, type Outcome, type Slot } from '../../src/model/governor.ts';
import { createLeaderGate } from '../../src/model/leader.ts';
import { ask, clientFor, fastClock, requestFor, steppedClock, user } from './wire.ts';

const never = new AbortController().signal;
const done: Outcome = { type: 'replied', freshTokens: 0, outputTokens: 0 };

function bench(initialConcurrency = Infinity, maxConcurrency = Infinity) {
  const clock = steppedClock();
  const governor = createGovernor({ clock, random: () => 0, initialConcurrency, maxConcurrency });
  const granted: { readonly name: number; readonly slot: Slot }[] = [];
  let arrived = 0;
  const arrive = (count: number, midConversation = false, signal = never): void => {
    for (let n = 0; n < count; n += 1) {
      const name = (arrived += 1);
      governor.acquire({ midConversation, freshTokens: 100 }, signal).then(
        (slot) => granted.push({ name, slot }),
        () => {},
      );
    }
  };
  const start = (slot: Slot, headers: Record<string, string> = {}): void => slot.started(new Headers(headers));
  return {
    clock,
    governor,
    granted,
    arrive,
    start,
    names: () => granted.map(({ name }) => name),
    settle: () => clock.advance(0),
  };
}

test('governor: nothing is held back before the API has shown a limit', async () => {
  const { arrive, granted, settle } = bench();
  arrive(500);
  await settle();
  assert.equal(granted.length, 500);
});

test('governor: a slow start doubles with every answer that begins', async () => {
  const { arrive, granted, start, settle } = bench(1);
  arrive(100);
  const sizes: number[] = [];
  for (let round = 0, begun = 0; round < 5; round += 1) {
    await settle();
    sizes.push(granted.length);
    const now = granted.slice(begun);
    begun = granted.length;
    for (const { slot } of now) start(slot);
  }
  assert.deepEqual(sizes, [1, 2, 4, 8, 16]);
});

test('governor: one pause for all after a 429, then as many as the API was serving', async () => {
  const { arrive, granted, start, clock, settle, governor } = bench();
  arrive(10);
  await settle();
  for (const { slot } of granted.slice(0, 3)) start(slot);
  for (const { slot } of granted.slice(3)) slot.finish({ type: 'rate', retryAfterMs: 4000 });
  arrive(10);
  granted[0]!.slot.finish(done);
  await clock.advance(3999);
  assert.deepEqual([granted.length, governor.pauseMs()], [10, 1]);
  await clock.advance(1);
  assert.equal(granted.length, 11);
  granted[1]!.slot.finish(done);
  await settle();
  assert.equal(granted.length, 12);
});

test('governor: without retry-after the pause grows with every refusal in a row', async () => {
  const { arrive, granted, clock, governor } = bench(Infinity, 1);
  const pauses: number[] = [];
  arrive(8);
  for (let round = 0; round < 4; round += 1) {
    await clock.advance(governor.pauseMs());
    granted.at(-1)!.slot.finish({ type: 'rate' });
    pauses.push(governor.pauseMs());
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000]);
});

test('governor: overload halves once per burst, without a pause, and grows back one per ten', async () => {
  const { arrive, granted, start, settle, governor } = bench();
  const finish = async (outcome: Outcome): Promise<void> => {
    const { slot } = granted.shift()!;
    if (outcome.type === 'replied') start(slot);
    slot.finish(outcome);
    await settle();
  };
  arrive(200);
  await settle();
  granted.splice(16).forEach(({ slot }) => slot.finish(done)); // 16 run
  for (let n = 0; n < 16; n += 1) await finish({ type: 'overload' });
  arrive(200);
  await settle();
  assert.deepEqual([granted.length, governor.pauseMs()], [8, 0]);
  for (let n = 0; n < 10; n += 1) await finish(done);
  assert.equal(granted.length, 9);
});

test('governor: workers in mid-conversation first, else in order of arrival; an abort leaves no trace', async () => {
  const { arrive, granted, names, settle } = bench(1, 1);
  const quit = new AbortController();
  arrive(1);
  arrive(2);
  arrive(1, false, quit.signal);
  arrive(2, true);
  quit.abort(new Error('gone'));
  for (let n = 0; n < 5; n += 1) {
    await settle();
    granted.at(-1)!.slot.finish(done);
  }
  await settle();
  assert.deepEqual(names(), [1, 5, 6, 2, 3]);
});

const limits = (remaining: number, reset: string, kind = 'requests'): Record<string, string> => ({
  [`anthropic-ratelimit-${kind}-limit`]: '60',
  [`anthropic-ratelimit-${kind}-remaining`]: String(remaining),
  [`anthropic-ratelimit-${kind}-reset`]: reset,
  date: 'Fri, 20 Nov 2026 10:00:00 GMT',
});

const heads: readonly (readonly [
  name: string,
  headers: Record<string, string>,
  atOnce: number,
  afterOneSecond: number,
  afterTen: number,
])[] = [
  ['none', {}, 20, 20, 20],
  ['three left, one a second', limits(3, '2026-11-20T10:00:57Z'), 3, 4, 13],
  ['none left until a reset', limits(0, '2026-11-20T10:00:05Z'), 0, 0, 10],
  ['none left, reset in the past', limits(0, '2026-11-20T09:00:00Z'), 0, 1, 10],
  ['none left, a clock far off', limits(0, '2027-01-01T00:00:00Z'), 0, 1, 10],
  ['nonsense', { ...limits(3, 'x'), 'anthropic-ratelimit-requests-limit': 'many' }, 20, 20, 20],
  ['a limit of input tokens smaller than a request', limits(60, '2026-11-20T10:00:00Z', 'input-tokens'), 1, 1, 1],
];

for (const [name, headers, atOnce, afterOneSecond, afterTen] of heads) {
  test(`governor: rate-limit headers, ${name}`, async () => {
    const { arrive, granted, start, clock, settle } = bench();
    arrive(1);
    await settle();
    start(granted[0]!.slot, headers);
    arrive(20);
    const seen: number[] = [];
    for (const ms of [0, 1000, 9000]) {
      await clock.advance(ms);
      seen.push(granted.length - 1);
    }
    assert.deepEqual(seen, [atOnce, afterOneSecond, afterTen]);
  });
}

test('forty workers at an API that takes six at once: all complete, with under two refusals each', async () => {
  for (const retryAfter of [undefined, { seconds: 1 }] as const) {
    const options = {
      script: () => api.reply('done', { deltaMs: 3 }),
      concurrency: 6,
      ...(retryAfter ? { concurrencyRetryAfter: retryAfter } : {}),
    };
    await api.withApi(options, async (server) => {
      const client = clientFor(server.url, { clock: fastClock(50), random: Math.random });
      const asked = await Promise.all(
        Array.from({ length: 40 }, (_, n) => ask(client, requestFor(`task ${n}`, { worker_id: `w${n}` }))),
      );
      assert.deepEqual(new Set(asked.map(({ result }) => result.type)), new Set(['replied']));
      assert.ok(server.load.turnedAway < 80, `${server.load.turnedAway} refusals`);
    });
  }
});

test('leader: one request writes the prefix, the others follow when its reply begins', async () => {
  const clock = steppedClock();
  const gate = createLeaderGate(clock, 10_000);
  const log: string[] = [];
  const enter = async (name: string, key = 'p') => {
    const entry = await gate.enter(key, never);
    log.push(name);
    return entry;
  };
  const leader = await enter('leader');
  const others = ['a', 'b'].map((name) => enter(name));
  await enter('another prefix', 'q');
  await clock.advance(100);
  assert.deepEqual(log, ['leader', 'another prefix']);
  leader.started();
  leader.ended();
  for (const entry of await Promise.all(others)) entry.ended();
  await enter('later');
  assert.deepEqual(log, ['leader', 'another prefix', 'a', 'b', 'later']);
  await clock.advance(300_000);
  await enter('cold again, leads');
  void enter('waits');
  await clock.advance(0);
  assert.equal(log.at(-1), 'cold again, leads');
});

test('leader: when it fails the next leads; an aborted waiter hands on; patience ends every wait', async () => {
  const clock = steppedClock();
  const gate = createLeaderGate(clock, 10_000);
  const log: string[] = [];
  const enter = (name: string, signal = never) =>
    gate.enter('p', signal).then(
      (entry) => (log.push(name), entry),
      () => void log.push(`${name} aborted`),
    );
  const leader = (await enter('1'))!;
  const quit = new AbortController();
  const second = enter('2', quit.signal);
  const third = enter('3');
  const fourth = enter('4');
  await clock.advance(1000);
  leader.ended();
  quit.abort();
  await clock.advance(0);
  assert.deepEqual(log, ['1', '2 aborted', '3']);
  await second;
  (await third)!.ended();
  await clock.advance(0);
  assert.deepEqual(log, ['1', '2 aborted', '3', '4']);
  void fourth;
  void enter('5');
  await clock.advance(9999);
  assert.equal(log.length, 4);
  await clock.advance(1);
  assert.equal(log.at(-1), '5');
  assert.equal(clock.sleeping, 0);
});

const long = 'You are one of many with one long role. '.repeat(600);

test('eight workers with one long role: the prefix is written once and read seven times', async () => {
  await api.withApi({ script: () => api.reply('done', { firstByteMs: 30 }) }, async (server) => {
    const client = clientFor(server.url, { clock: fastClock(1), cacheMinimum: () => 4096 });
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, n) => ask(client, requestFor(`task ${n}`, { system: long, worker_id: `w${n}` }))),
    );
    const usages = asked.map(({ result }) => (result.type === 'replied' ? result.usage : assert.fail('failed')));
    assert.equal(usages.filter((usage) => usage.cache_read_input_tokens === 0).length, 1);
    assert.equal(usages.filter((usage) => usage.cache_read_input_tokens > 4096).length, 7);
  });
});

test('a prefix that the model does not cache waits for nobody', async () => {
  const gate = Promise.withResolvers<api.Step>();
  await api.withApi({ script: () => gate.promise }, async (server) => {
    const client = clientFor(server.url, { clock: fastClock(1), cacheMinimum: () => 100_000 });
    const asked = Array.from({ length: 8 }, (_, n) => ask(client, requestFor(`task ${n}`, { system: long })));
    await server.until((requests) => requests.length === 8); // none is answered yet
    gate.resolve('done');
    await Promise.all(asked);
    assert.equal(server.load.peak, 8);
  });
});

test('a leader that fails for good holds nobody back', async () => {
  const script = (turn: api.Turn) => (turn.conversation === 'task 0' ? api.forbidden() : api.reply('done'));
  await api.withApi({ script }, async (server) => {
    const client = clientFor(server.url, { clock: fastClock(1), cacheMinimum: () => 1024, leaderPatienceMs: 1e8 });
    const asked = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        ask(client, requestFor(`task ${n}`, { system: long, messages: [user(`task ${n}`)] })),
      ),
    );
    assert.deepEqual(
      asked.map(({ result }) => result.type),
      ['failed', 'replied', 'replied', 'replied'],
    );
  });
});
