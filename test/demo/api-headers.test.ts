// The scripted API refuses what the real one refuses before it looks at a body.
import assert from 'node:assert/strict';
import test from 'node:test';
import { send, startScriptedApi, text, verdict } from '../fakes/messages-api.ts';

const hello = { model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
const bare = { 'x-api-key': '', 'anthropic-version': '2023-06-01' };

test('credentials, version and beta header', async () => {
  const api = await startScriptedApi({ script: () => text('hello'), keys: ['right'] });
  const cases: readonly [string, Record<string, string>, string][] = [
    ['x-api-key', { 'x-api-key': 'right' }, '200'],
    ['bearer', { 'x-api-key': '', authorization: 'Bearer right' }, '200'],
    ['both: x-api-key counts', { 'x-api-key': 'right', authorization: 'Bearer wrong' }, '200'],
    [
      'both, the key wrong',
      { 'x-api-key': 'wrong', authorization: 'Bearer right' },
      '401 authentication_error: invalid x-api-key',
    ],
    ['none', bare, '401 authentication_error: x-api-key header is required'],
    ['wrong key', { 'x-api-key': 'wrong' }, '401 authentication_error: invalid x-api-key'],
    ['wrong bearer', { ...bare, authorization: 'Bearer wrong' }, '401 authentication_error: Invalid bearer token'],
    [
      'no version',
      { 'x-api-key': 'right', 'anthropic-version': '' },
      '400 invalid_request_error: anthropic-version: header is required',
    ],
    [
      'unknown version',
      { 'x-api-key': 'right', 'anthropic-version': '2031-01-01' },
      '400 invalid_request_error: anthropic-version: "2031-01-01" is not a valid version',
    ],
    ['newest version', { 'x-api-key': 'right', 'anthropic-version': '2026-10-21' }, '200'],
    [
      'known betas',
      { 'x-api-key': 'right', 'anthropic-beta': 'interleaved-thinking-2025-05-14, compact-2026-09-04' },
      '200',
    ],
    [
      'unknown beta',
      { 'x-api-key': 'right', 'anthropic-beta': 'time-travel-2031-01-01' },
      '400 invalid_request_error: Unexpected value(s) `time-travel-2031-01-01` for the `anthropic-beta` header.',
    ],
  ];
  const found = [];
  for (const [name, headers] of cases) found.push([name, await verdict(api, hello, { headers })]);
  assert.deepEqual(
    found,
    cases.map(([name, , expected]) => [name, expected]),
  );
  await api.close();
});

test('every answer carries a request id, refusals in the body too', async () => {
  const api = await startScriptedApi({ script: () => text('hello') });
  const good = await send(api, hello);
  const bad = await send(api, { ...hello, model: 'claude-haiku-4' });
  const id = bad.headers.get('request-id');
  assert.deepEqual(
    [bad.status, JSON.parse(bad.text)],
    [404, { type: 'error', error: { type: 'not_found_error', message: 'model: claude-haiku-4' }, request_id: id }],
  );
  assert.notEqual(good.headers.get('request-id'), id);
  assert.deepEqual(
    api.requests.map(({ requestId, status, outcome }) => ({ requestId, status, outcome })),
    [
      { requestId: good.headers.get('request-id'), status: 200, outcome: 'sent' },
      { requestId: id, status: 404, outcome: 'refused' },
    ],
  );
  await api.close();
});

test('bodies that are no request: broken JSON, an unknown path, more than 32 MB', async () => {
  const api = await startScriptedApi({ script: () => text('hello') });
  assert.equal(await verdict(api, '{"model":'), '400 invalid_request_error: The request body is not valid JSON.');
  assert.equal(await verdict(api, hello, { path: '/v1/complete' }), '404 not_found_error: Not found');
  const huge = { ...hello, messages: [{ role: 'user', content: 'x'.repeat(32 * 1024 * 1024) }] };
  assert.equal(await verdict(api, huge), '413 request_too_large: Request exceeds the maximum size');
  assert.equal(await verdict(api, hello), '200');
  await api.close();
});

test('models are listed by pages and by id', async () => {
  const api = await startScriptedApi();
  const get = async (path: string): Promise<any> => {
    const response = await fetch(api.url + path, { headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const first = await get('/v1/models?limit=2');
  assert.deepEqual([first.data.length, first.has_more, first.last_id], [2, true, first.data[1].id]);
  const rest = await get(`/v1/models?limit=1000&after_id=${first.last_id}`);
  assert.equal(rest.has_more, false);
  assert.equal(
    rest.data.some((model: any) => model.id === first.last_id),
    false,
  );
  const one = await get('/v1/models/claude-sonnet-5-5');
  assert.deepEqual(
    [
      one.max_input_tokens,
      one.max_tokens,
      one.capabilities.thinking.types.between_tools,
      one.capabilities.thinking.types.disabled,
    ],
    [1_000_000, 128_000, { supported: true }, { supported: false }],
  );
  const missing = await get('/v1/models/claude-haiku-4');
  assert.deepEqual([missing.status, missing.error.type], [404, 'not_found_error']);
  await api.close();
});

test('count_tokens is checked like a message and counts the prompt', async () => {
  const api = await startScriptedApi();
  const path = '/v1/messages/count_tokens';
  const { max_tokens: _, ...prompt } = { ...hello, messages: [{ role: 'user', content: 'x'.repeat(400) }] };
  assert.deepEqual(JSON.parse((await send(api, prompt, { path })).text), { input_tokens: 100 });
  assert.equal(
    await verdict(api, hello, { path }),
    '400 invalid_request_error: max_tokens: Extra inputs are not permitted',
  );
  assert.equal(
    await verdict(api, { ...prompt, messages: [] }, { path }),
    '400 invalid_request_error: messages: at least one message is required',
  );
  await api.close();
});
