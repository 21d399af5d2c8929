// Every fault the suite needs can be had, and looks on the wire as it is documented to look.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test from 'node:test';
import {
  billing,
  conflict,
  cut,
  emptyBody,
  errorEvent,
  errorWith200,
  type Fault,
  forbidden,
  gatewayTimeout,
  hangUp,
  htmlError,
  lowCredit,
  nthEnded,
  open,
  overloaded,
  ownLimit,
  parseEvents,
  rateLimited,
  redirect,
  reply,
  requestTimeout,
  reset,
  type ScriptedApi,
  send,
  serverError,
  silence,
  spendCap,
  stall,
  startScriptedApi,
  tooLarge,
  toolUse,
  withApi,
  wrongKey,
} from '../fakes/messages-api.ts';

const body = { model: 'claude-opus-5', max_tokens: 999, stream: true, messages: [{ role: 'user', content: 'go' }] };

test('statuses, bodies and headers', async () => {
  const json = (type: string, code?: string): string => (code === undefined ? type : `${type} ${code}`);
  const cases: readonly [Fault, number, string][] = [
    [requestTimeout(), 408, json('timeout_error')],
    [conflict(), 409, json('conflict_error')],
    [tooLarge(), 413, 'Request Entity Too Large'],
    [rateLimited(), 429, json('rate_limit_error')],
    [spendCap(), 429, json('rate_limit_error', 'enforced_spend_limit_reached')],
    [spendCap('organization_on_hold'), 429, json('rate_limit_error', 'organization_on_hold')],
    [ownLimit(), 400, json('invalid_request_error')],
    [lowCredit(), 400, json('invalid_request_error')],
    [wrongKey(), 401, json('authentication_error')],
    [billing(), 402, json('billing_error')],
    [forbidden(), 403, json('permission_error')],
    [serverError(), 500, json('api_error')],
    [htmlError(), 500, '<html><head><title>500 Internal Server Error</title></head></html>'],
    [htmlError(502), 502, '<html><head><title>502 Bad Gateway</title></head></html>'],
    [htmlError(503), 503, '<html><head><title>503 Service Unavailable</title></head></html>'],
    [gatewayTimeout(), 504, json('timeout_error')],
    [overloaded({ 'x-should-retry': 'false' }), 529, json('overloaded_error')],
    [emptyBody(), 200, ''],
    [emptyBody(500), 500, ''],
    [errorWith200(), 200, json('api_error')],
    [redirect('https://example.invalid/v1/messages'), 307, ''],
  ];
  await withApi({ script: cases.map(([fault]) => fault) }, async (api) => {
    const found = [];
    for (const [fault] of cases) {
      const answer = await send(api, body);
      found.push([fault, answer.status, summary(answer.text)]);
      assert.equal(api.requests.at(-1)?.outcome, 'fault');
    }
    assert.deepEqual(found, cases);
  });
});

test('retry-after in every form, or none; limits and retry hints ride along', async () => {
  const date = new Date(Date.UTC(2026, 10, 20, 12, 0, 0));
  const script = [
    rateLimited(),
    rateLimited({ seconds: 7 }),
    rateLimited({ ms: 1500 }),
    rateLimited({ date }),
    rateLimited(undefined, { 'anthropic-ratelimit-requests-remaining': '0' }),
    overloaded({ 'x-should-retry': 'false' }),
  ];
  const names = ['retry-after', 'retry-after-ms', 'anthropic-ratelimit-requests-remaining', 'x-should-retry'];
  await withApi({ script }, async (api) => {
    const found = [];
    for (const _ of script) {
      const { headers } = await send(api, body);
      found.push(Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : []))));
    }
    assert.deepEqual(found, [
      {},
      { 'retry-after': '7' },
      { 'retry-after-ms': '1500' },
      { 'retry-after': 'Fri, 20 Nov 2026 12:00:00 GMT' },
      { 'anthropic-ratelimit-requests-remaining': '0' },
      { 'x-should-retry': 'false' },
    ]);
  });
});

test('a redirect names its target, HTML pages carry no request id', () =>
  withApi({ script: [redirect('https://example.invalid/x'), htmlError(502)] }, async (api) => {
    assert.equal((await send(api, body)).headers.get('location'), 'https://example.invalid/x');
    const page = await send(api, body);
    assert.deepEqual([page.headers.get('content-type'), page.headers.get('request-id')], ['text/html', null]);
  }));

test('a cut stream ends cleanly, wherever it is cut, and never with message_stop', async () => {
  const last = async (at: Parameters<typeof cut>[1]): Promise<string> =>
    withApi({ script: [cut('some words to say', at)] }, async (api) => {
      const events = parseEvents((await send(api, body)).text);
      assert.equal((await nthEnded(api, 1)).outcome, 'broken');
      return events.at(-1)?.type ?? 'nothing';
    });
  assert.deepEqual(
    [await last(undefined), await last('first_delta'), await last(1), await last(0)],
    ['message_delta', 'content_block_delta', 'message_start', 'nothing'],
  );
});

test('a reset closes the socket in mid-block, without the end of the body', () =>
  withApi({ script: [reset('some words to say')] }, async (api) => {
    const raw = await overSocket(api);
    assert.match(raw, /content_block_delta/);
    assert.doesNotMatch(raw, /content_block_stop|\r\n0\r\n\r\n/);
  }));

test('a hang-up answers nothing at all', () =>
  withApi({ script: [hangUp()] }, async (api) => {
    assert.equal(await overSocket(api), '');
  }));

test('an error event in mid-stream, after a 200', () =>
  withApi({ script: [errorEvent('some words to say'), errorEvent('x', 'api_error', 1)] }, async (api) => {
    const first = parseEvents((await send(api, body)).text);
    const { request_id, ...event } = first.at(-1);
    assert.deepEqual(event, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    assert.equal(request_id, api.requests[0]?.requestId);
    assert.deepEqual(
      parseEvents((await send(api, body)).text).map((one) => one.type),
      ['message_start', 'error'],
    );
  }));

test('a stall is silent, or pings, until the client gives up', async () => {
  const api = await startScriptedApi({ script: [stall('some words'), stall('some words', 5), silence('some words')] });
  const quiet = await giveUpAfter(api, /text_delta/);
  assert.doesNotMatch(quiet.replace('event: ping', ''), /ping"[^]*ping"|content_block_stop/);
  assert.match(await giveUpAfter(api, /text_delta[^]*ping[^]*ping[^]*ping/), /ping/);
  const leave = new AbortController();
  const nothing = assert.rejects(open(api, body, { signal: leave.signal }));
  await api.until((requests) => requests.length === 3 && requests[2]!.conversation !== undefined);
  leave.abort();
  await nothing;
  for (const n of [1, 2, 3]) assert.equal((await nthEnded(api, n)).outcome, 'aborted');
  api.assertFinished();
  await api.close();
});

test('an unstreamed answer breaks the same ways', async () => {
  const plain = { ...body, stream: false };
  await withApi({ script: [cut('some words'), errorEvent('some words')] }, async (api) => {
    const half = await send(api, plain).then(
      (answer) => answer.text,
      () => 'connection lost',
    );
    assert.throws(() => JSON.parse(half), SyntaxError);
    const error = await send(api, plain);
    assert.deepEqual([error.status, summary(error.text)], [529, 'overloaded_error']);
  });
});

test('slow first byte and slow deltas end with the same message', () =>
  withApi({ script: [reply('ok', { firstByteMs: 20, deltaMs: 1 })] }, async (api) => {
    assert.equal(parseEvents((await send(api, body)).text).at(-1)?.type, 'message_stop');
  }));

test('an abort while the first byte is awaited, and while deltas flow, is recorded as aborted', async () => {
  const api = await startScriptedApi({
    script: [reply('ok', { firstByteMs: 60_000 }), reply('a b c', { deltaMs: 60_000 })],
  });
  for (const n of [1, 2]) {
    const leave = new AbortController();
    const lost = assert.rejects(open(api, body, { signal: leave.signal }).then((response) => response.text()));
    await api.until((requests) => requests[n - 1]?.conversation !== undefined);
    leave.abort();
    await lost;
    assert.equal((await nthEnded(api, n)).outcome, 'aborted');
  }
  await api.close();
});

test('close ends what is still being answered', async () => {
  const api = await startScriptedApi({ script: () => stall('some words') });
  const lost = assert.rejects(open(api, body).then((response) => response.text()));
  await api.until((requests) => requests[0]?.conversation !== undefined);
  await api.close();
  await lost;
});

test('down and up again on the same port, without using up a reply', async () => {
  const api = await startScriptedApi({ script: ['one', 'two', 'three'] });
  assert.equal((await send(api, body)).status, 200);
  await api.down('refused');
  await assert.rejects(send(api, body));
  await api.up();
  assert.equal((await send(api, body)).status, 200);
  await api.down(htmlError(503));
  assert.equal((await send(api, body)).status, 503);
  await api.up();
  assert.equal((await send(api, body)).status, 200);
  api.assertFinished();
  await api.close();
});

test('beyond the concurrency limit the answer is 429, and the limit counts only what is under way', async () => {
  const gate = Promise.withResolvers<void>();
  const api = await startScriptedApi({
    script: async () => {
      await gate.promise;
      return 'ok';
    },
    concurrency: 2,
    concurrencyRetryAfter: { seconds: 1 },
  });
  const sent = Array.from({ length: 5 }, () => send(api, body));
  await api.until((requests) => requests.length === 5 && api.load.turnedAway === 3);
  gate.resolve();
  const answers = await Promise.all(sent);
  assert.deepEqual(
    answers.map((answer) => answer.status).toSorted((a, b) => a - b),
    [200, 200, 429, 429, 429],
  );
  assert.equal(answers.find((answer) => answer.status === 429)?.headers.get('retry-after'), '1');
  assert.equal((await send(api, body)).status, 200);
  await api.until((requests) => requests.every(({ outcome }) => outcome !== 'pending'));
  assert.deepEqual({ ...api.load }, { inFlight: 0, peak: 2, turnedAway: 3 });
  await api.close();
});

test('chaos: the same seed strikes the same requests, and a list still gives every reply once', async () => {
  const run = async (seed: number): Promise<readonly unknown[]> => {
    const script = Array.from({ length: 20 }, (_, at) => `reply ${at}`);
    const api = await startScriptedApi({ script, chaos: { seed, rate: 0.4 } });
    const heard = [];
    const outcomes = [];
    while (heard.length < script.length) {
      const answer = await send(api, { ...body, stream: true }).catch(() => undefined);
      const whole = answer?.status === 200 && /message_stop/.test(answer.text);
      if (whole) heard.push(textIn(answer.text));
      outcomes.push(whole ? 'ok' : 'struck');
    }
    assert.deepEqual(heard, script);
    api.assertFinished();
    await api.close();
    return outcomes;
  };
  const [first, again, other] = [await run(7), await run(7), await run(8)];
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
  assert.ok(first.includes('struck'));
});

test('a tool input that breaks off under max_tokens', () =>
  withApi(
    { script: [reply(toolUse('Write', {}, { rawInput: '{"file_path":"a","con' }), { stopReason: 'max_tokens' })] },
    async (api) => {
      const events = parseEvents((await send(api, body)).text);
      const json = events.map((event) => event.delta?.partial_json ?? '').join('');
      assert.equal(json, '{"file_path":"a","con');
      assert.equal(events.find((event) => event.type === 'message_delta').delta.stop_reason, 'max_tokens');
    },
  ));

function summary(text: string): string {
  if (!text.startsWith('{')) return text;
  const { error } = JSON.parse(text) as { error: { type: string; details?: { error_code: string } } };
  return error.details === undefined ? error.type : `${error.type} ${error.details.error_code}`;
}

function textIn(stream: string): string {
  return parseEvents(stream)
    .map((event) => event.delta?.text ?? '')
    .join('');
}

/** Reads until the pattern stands in what came, then leaves. */
async function giveUpAfter(api: ScriptedApi, pattern: RegExp): Promise<string> {
  const leave = new AbortController();
  const response = await open(api, body, { signal: leave.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  while (!pattern.test(heard)) heard += (await reader.read()).value ?? '';
  leave.abort();
  return heard;
}

/** Everything the server wrote until the connection was gone, as raw HTTP. */
function overSocket(api: ScriptedApi): Promise<string> {
  return new Promise((resolve) => {
    const json = JSON.stringify(body);
    const socket = connect(api.port, '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (heard += part));
    socket.on('error', () => {}); // a reset may show as an error or as a plain close, by runtime
    socket.on('close', () => resolve(heard));
    const head = [
      'POST /v1/messages HTTP/1.1',
      'host: x',
      'x-api-key: k',
      'anthropic-version: 2023-06-01',
      `content-length: ${json.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${json}`);
  });
}
