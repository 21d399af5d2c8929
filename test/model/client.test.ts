// One reply over real HTTP: what arrives, what is tried again, what ends a worker, what ends them all.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock, ModelFailure } from '../../src/contract/ports.ts';
import type { ErrorType } from '../../src/contract/worker.ts';
import * as api from '../fakes/messages-api.ts';
import { ask, type Asked, clientFor, fastClock, requestFor, sleptClock, steppedClock, user } from './wire.ts';

const tools = [{ name: 'Read', description: 'Reads.', input_schema: { type: 'object', properties: {} } }];

async function askOnce(
  script: api.Script,
  request = requestFor('task'),
  refusalsExpected = false,
  clock = fastClock(1000),
): Promise<Asked> {
  return api.withApi({ script, refusalsExpected }, async (server) => {
    const client = clientFor(server.url, { clock });
    try {
      return await ask(client, request);
    } finally {
    }
  });
}

test('a reply arrives whole: blocks, stop reason, usage, cost, request id', async () => {
  const blocks = ['Hello 😀', api.toolUse('Read', { file_path: '/ž', n: [1] }, { id: 'toolu_1' })];
  const { result, retries } = await askOnce([api.reply(blocks)], requestFor('task', { tools }));
  assert.ok(result.type === 'replied');
  const { duration_ms, usage, request_id, ...rest } = result;
  assert.deepEqual(rest, {
    type: 'replied',
    content: [
      { type: 'text', text: 'Hello 😀' },
      { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: '/ž', n: [1] }, caller: { type: 'direct' } },
    ],
    stop_reason: 'tool_use',
    model: 'claude-haiku-4-5-20251001',
    cost_usd: 0.5,
  });
  assert.ok(Number.isInteger(duration_ms) && usage.input_tokens > 0 && usage.output_tokens > 0);
  assert.match(String(request_id), /^req_/);
  assert.deepEqual(retries, []);
});

const wires: readonly (readonly [name: string, wire: NonNullable<api.Reply['wire']>])[] = [
  ['byte by byte', { pieces: [1] }],
  ['in odd pieces', { pieces: [3, 1, 7, 2] }],
  ['CRLF, byte by byte', { newline: '\r\n', pieces: [1] }],
  ['a BOM, comments, pings', { bom: true, comments: true, pings: 'often' }],
  ['data only', { dataOnly: true }],
  ['many data lines', { manyDataLines: true, newline: '\r\n' }],
  ['unknown events', { unknowns: true }],
  ['several usage frames', { usageFrames: 4 }],
  ['gzip', { gzip: true }],
];

for (const [name, wire] of wires) {
  test(`wire: ${name}`, async () => {
    const content = [api.thinking('hm 😀'), 'žluťoučký kůň', api.toolUse('Read', { a: 'ž' }, { id: 'toolu_1' })];
    const settings = {
      ...requestFor('').settings,
      max_tokens: 4000,
      body: { thinking: { type: 'enabled', budget_tokens: 2000 } },
    };
    const request = requestFor('task', { tools, settings });
    const [plain, styled] = [
      await askOnce([api.reply(content)], request),
      await askOnce([api.reply(content, { wire })], request),
    ];
    assert.ok(plain.result.type === 'replied' && styled.result.type === 'replied');
    const shown = (asked: Asked) => ({ ...asked.result, request_id: '', duration_ms: 0 });
    assert.equal(plain.result.content.length, 3);
    assert.deepEqual(shown(styled), shown(plain));
    assert.deepEqual(styled.retries, []);
  });
}

test('a conversation with thinking goes back so that the API accepts it', async () => {
  const script = [
    api.reply([api.thinking('first'), api.toolUse('Read', { file_path: 'a' })]),
    api.reply([api.thinking('second'), 'done']),
  ];
  await api.withApi({ script }, async (server) => {
    const client = clientFor(server.url);
    const settings = { ...requestFor('').settings, model: 'claude-opus-5-5', api_version: '2026-10-21', body: {} };
    const request = requestFor('task', { tools, settings });
    const first = (await ask(client, request)).result;
    assert.ok(first.type === 'replied');
    const use = first.content.find((block) => block.type === 'tool_use')! as { id: string };
    const messages = [
      ...request.messages,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: [{ type: 'tool_result', tool_use_id: use.id, content: 'a\u0000b' }] },
    ];
    const second = (await ask(client, { ...request, messages })).result;
    assert.equal(second.type === 'replied' && second.stop_reason, 'end_turn');
  });
});

const ok = api.reply('done');
const retried: readonly (readonly [name: string, step: api.Step, errorType: ErrorType])[] = [
  ['429', api.rateLimited(), 'rate_limit_error'],
  ['429 with retry-after', api.rateLimited({ seconds: 2 }), 'rate_limit_error'],
  ['529', api.overloaded(), 'overloaded_error'],
  ['500', api.serverError(), 'api_error'],
  ['408', api.requestTimeout(), 'timeout_error'],
  ['409', api.conflict(), 'api_error'],
  ['504', api.gatewayTimeout(), 'timeout_error'],
  ['an HTML page under 502', api.htmlError(502), 'api_error'],
  ['an empty 500', api.emptyBody(500), 'api_error'],
  ['an empty 200', api.emptyBody(200), 'stream_error'],
  ['an error body under 200', api.errorWith200(), 'api_error'],
  ['overloaded in mid-stream', api.errorEvent(ok), 'overloaded_error'],
  ['a clean end before message_stop', api.cut(ok), 'stream_error'],
  ['a reset in mid-block', api.reset(ok), 'stream_error'],
  ['a connection that hangs up', api.hangUp(), 'connection_error'],
  ['a stop reason of null', api.reply('x', { stopReason: null }), 'stream_error'],
];

for (const [name, step, errorType] of retried) {
  test(`tried again: ${name}`, async () => {
    const { result, retries } = await askOnce([step, ok], requestFor('task'), false, sleptClock());
    assert.deepEqual(
      retries.map(({ attempt, max_attempts, error_type }) => ({ attempt, max_attempts, error_type })),
      [{ attempt: 1, max_attempts: 6, error_type: errorType }],
    );
    assert.ok(result.type === 'replied' && result.stop_reason === 'end_turn');
    assert.ok(retries[0]!.delay_ms > 0 && retries[0]!.message.length > 0, JSON.stringify(retries));
  });
}

test('six tries, then failed with a hint; each wait in its step', async () => {
  const { result, retries } = await askOnce(Array.from({ length: 6 }, () => api.overloaded()));
  assert.deepEqual(result, {
    type: 'failed',
    error_type: 'overloaded_error',
    error_hint: 'The API is overloaded (529): Overloaded (after 6 tries). Resume the worker later.',
    fleet: false,
  });
  assert.deepEqual(
    retries.map(({ delay_ms }) => delay_ms),
    [1500, 3000, 6000, 12_000, 24_000],
  );
});

const retryAfters: readonly (readonly [name: string, after: api.Step, ms: number])[] = [
  ['seconds', api.rateLimited({ seconds: 7 }), 7350],
  ['milliseconds', api.rateLimited({ ms: 2500 }), 2625],
  ['on a 529', api.overloaded({ 'retry-after': '3' }), 3150],
];
for (const [name, step, ms] of retryAfters) {
  test(`retry-after is honoured: ${name}`, async () => {
    const { retries } = await askOnce([step, ok]);
    assert.ok(Math.abs(retries[0]!.delay_ms - ms) < 200, String(retries[0]!.delay_ms));
  });
}

const final: readonly (readonly [name: string, step: api.Step, errorType: ErrorType, fleet: boolean])[] = [
  ['401', api.wrongKey(), 'authentication_error', true],
  ['402', api.billing(), 'billing_error', true],
  ['403', api.forbidden(), 'permission_error', false],
  ['413 in plain text', api.tooLarge(), 'request_too_large', false],
  ['a spend cap under 429', api.spendCap(), 'billing_error', true],
  ['the own limit under 400', api.ownLimit(), 'billing_error', true],
  ['low credit under 400', api.lowCredit(), 'billing_error', true],
  ['x-should-retry: false', api.overloaded({ 'x-should-retry': 'false' }), 'overloaded_error', false],
  ['a redirect', api.redirect('https://elsewhere.example/v1/messages'), 'api_error', false],
];

for (const [name, step, errorType, fleet] of final) {
  test(`not tried again: ${name}`, async () => {
    const { result, retries } = await askOnce([step]);
    assert.ok(result.type === 'failed');
    assert.deepEqual([result.error_type, result.fleet, retries.length], [errorType, fleet, 0]);
    assert.ok(result.error_hint.length > 20 && result.error_hint.length <= 300);
  });
}

test('a request the API refuses fails with its own words', async () => {
  const settings = { ...requestFor('').settings, body: { temperature: 0.2, top_p: 0.9 } };
  const { result } = await askOnce([], requestFor('task', { settings }), true);
  assert.ok(result.type === 'failed' && result.error_type === 'invalid_request_error');
  assert.match(result.error_hint, /400.*temperature.*top_p.*Correct the option/);
});

test('nothing listens, then it does: the reply comes', async () => {
  await api.withApi({ script: [ok] }, async (server) => {
    await server.down('refused');
    const client = clientFor(server.url);
    const retries: string[] = [];
    const result = await client.reply(
      requestFor('task'),
      async ({ error_type }) => {
        retries.push(error_type);
        if (retries.length === 2) await server.up();
      },
      new AbortController().signal,
    );
    assert.deepEqual([result.type, retries], ['replied', ['connection_error', 'connection_error']]);
  });
});

test('the API is down for 30 s in the middle of a run: all complete', async () => {
  await api.withApi({ script: () => ok }, async (server) => {
    const clock = fastClock(100);
    const client = clientFor(server.url, { clock, random: Math.random });
    await server.down('refused');
    const up = clock.sleep(30_000).then(() => server.up());
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(client, requestFor(`task ${n}`))));
    await up;
    assert.deepEqual(new Set(asked.map(({ result }) => result.type)), new Set(['replied']));
  });
});

test('a fault that ends the fleet ends every call, in progress and later, with one message', async () => {
  const script = (turn: api.Turn) =>
    turn.conversation === 'bad' ? api.spendCap() : turn.conversation === 'busy' ? api.stall(ok) : api.overloaded();
  await api.withApi({ script }, async (server) => {
    const stops: ModelFailure[] = [];
    const client = clientFor(server.url, {
      clock: fastClock(1),
      onFleetStop: (failure) => stops.push(failure),
      maxConcurrency: 3,
    });
    const busy = ask(client, requestFor('busy'));
    const sleeping = ask(client, requestFor('sleeping'));
    await server.until((requests) => requests.length >= 2 && requests[1]!.outcome !== 'pending');
    const [bad, ...others] = await Promise.all([
      ask(client, requestFor('bad')),
      ask(client, requestFor('bad')),
      busy,
      sleeping,
    ]);
    const later = await ask(client, requestFor('later'));
    assert.ok(bad.result.type === 'failed' && bad.result.fleet);
    for (const asked of [...others, later]) assert.deepEqual(asked.result, bad.result);
    assert.deepEqual(stops, [bad.result]);
    assert.equal(
      server.requests.some((request) => JSON.stringify(request.body).includes('later')),
      false,
    );
  });
});

test('an abort rejects with its reason: in the stream, in the backoff, in the queue, before it began', async () => {
  const reason = new Error('stopped by the user');
  const script = (turn: api.Turn) => (turn.conversation === 'stream' ? api.stall(ok) : api.overloaded());
  await api.withApi({ script }, async (server) => {
    const client = clientFor(server.url, { clock: fastClock(1), maxConcurrency: 1 });
    const abortable = (name: string) => {
      const quit = new AbortController();
      return {
        quit,
        rejected: assert.rejects(ask(client, requestFor(name), quit.signal), (error) => error === reason),
      };
    };
    const stream = abortable('stream');
    await server.until((requests) => requests.length === 1);
    const queue = abortable('queue');
    queue.quit.abort(reason);
    await queue.rejected;
    stream.quit.abort(reason);
    await stream.rejected;
    await api.nthEnded(server, 1);

    const quit = new AbortController();
    const backoff = client.reply(
      requestFor('backoff'),
      async () => void setTimeout(() => quit.abort(reason), 5),
      quit.signal,
    );
    await assert.rejects(backoff, (error) => error === reason);

    await assert.rejects(ask(client, requestFor('never'), AbortSignal.abort(reason)), (error) => error === reason);
    assert.equal(server.requests.length, 2);
  });
});

test('the watchdog ends a silent start and a stalled stream, and both are tried again; pings keep it quiet', async () => {
  const script = [api.silence(ok), api.stall(ok), api.stall(ok, 5), ok];
  await api.withApi({ script }, async (server) => {
    const client = clientFor(server.url, { clock: fastClock(20), watchdog: { firstByteMs: 16_000, idleMs: 6000 } });
    const quit = new AbortController();
    const seen: string[] = [];
    const pinged = client.reply(
      requestFor('task'),
      async ({ message, error_type }) => void seen.push(`${error_type}: ${message}`),
      quit.signal,
    );
    const third = await api.nthRequest(server, 3);
    await fastClock(20).sleep(15_000);
    assert.equal(third.outcome, 'pending');
    quit.abort(new Error('enough'));
    await assert.rejects(pinged, /enough/);
    assert.deepEqual(seen, [
      'timeout_error: The API went silent: no first byte for 16 s',
      'timeout_error: The API went silent: the stream stalled: no byte for 6 s',
    ]);
    assert.equal((await ask(client, requestFor('task'))).result.type, 'replied');
  });
});

test('one timer watches all replies, each for its own silence, and none is left when they have ended', async () => {
  const gate = Promise.withResolvers<void>();
  const script = async () => {
    await gate.promise;
    return ok;
  };
  await api.withApi({ script }, async (server) => {
    const clock = steppedClock();
    const client = clientFor(server.url, { clock, watchdog: { firstByteMs: 16_000, idleMs: 8000 } });
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) await clock.advance(1000);
    };
    const quit = new AbortController();
    const stalled = Promise.withResolvers<string>();
    const early = client.reply(requestFor('early'), async ({ message }) => stalled.resolve(message), quit.signal);
    await api.nthRequest(server, 1);
    await pass(10);
    const late = ask(client, requestFor('late'));
    await api.nthRequest(server, 2);
    assert.equal(clock.sleeping, 1);
    await pass(7);
    assert.equal(await stalled.promise, 'The API went silent: no first byte for 16 s');
    quit.abort(new Error('enough'));
    await assert.rejects(early, /enough/);
    assert.equal(clock.sleeping, 1);
    gate.resolve();
    const { result, retries } = await late;
    assert.deepEqual([result.type, retries], ['replied', []]);
    assert.equal(clock.sleeping, 0);
  });
});

test('a process that stood still reads what arrived meanwhile, and gives nothing up', async () => {
  const hour = 3_600_000;
  const gate = Promise.withResolvers<void>();
  const script = async () => {
    await gate.promise;
    return ok;
  };
  await api.withApi({ script }, async (server) => {
    let [now, sleeps] = [0, 0];
    const clock: Clock = {
      now: () => now,
      // An hour passes in the first sleep, however short it was meant to be; the next ends with the attempt.
      sleep: async (_, signal) => {
        await api.nthRequest(server, 1);
        now += hour;
        if ((sleeps += 1) === 1) return;
        gate.resolve();
        await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const client = clientFor(server.url, { clock, watchdog: { firstByteMs: hour / 2, idleMs: hour / 4 } });
    const { result, retries } = await ask(client, requestFor('task'));
    assert.deepEqual([result.type, retries], ['replied', []]);
  });
});

test('thinking bound to another prefix: the API is asked once to drop it, and that is remembered', async () => {
  const script = () => api.reply([api.thinking('hm'), 'done']);
  await api.withApi({ script, refusalsExpected: true }, async (server) => {
    const client = clientFor(server.url);
    const settings = { ...requestFor('').settings, model: 'claude-fable-5-2', api_version: '2026-10-21', body: {} };
    const request = requestFor('task', { settings, system: 'one' });
    const first = (await ask(client, request)).result;
    assert.ok(first.type === 'replied');
    const messages = [...request.messages, { role: 'assistant' as const, content: first.content }, user('go on')];
    const changed = { ...request, system: 'another', messages };
    const [second, third] = [await ask(client, changed), await ask(client, changed)];
    assert.deepEqual([second.result.type, third.result.type], ['replied', 'replied']);
    assert.deepEqual(
      [second.retries.map(({ delay_ms, error_type }) => [delay_ms, error_type]), third.retries],
      [[[0, 'invalid_request_error']], []],
    );
  });
});

test('the cost falls back to the model that was asked for; unknown is null', async () => {
  await api.withApi({ script: () => api.reply('x', { model: 'claude-haiku-4-5-20251001' }) }, async (server) => {
    const costs = async (known: readonly string[]): Promise<unknown> => {
      const client = clientFor(server.url, { price: (model) => (known.includes(model) ? 1 : null) });
      const { result } = await ask(client, requestFor('task'));
      return result.type === 'replied' && [result.model, result.cost_usd];
    };
    const served = 'claude-haiku-4-5-20251001';
    assert.deepEqual(await costs([served]), [served, 1]);
    assert.deepEqual(await costs(['claude-haiku-4-5']), [served, 1]);
    assert.deepEqual(await costs([]), [served, null]);
  });
});
