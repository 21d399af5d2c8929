// Scripts: one per conversation, in order, with nothing missing and nothing left over.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ask,
  nthRequest,
  startScriptedApi,
  toolUse,
  type Script,
  type Turn,
  verdict,
  withApi,
} from '../fakes/messages-api.ts';

const tools = [{ name: 'Read', input_schema: { type: 'object' } }];
const body = (prompt: string, ...more: object[]): object => ({
  model: 'claude-opus-5',
  max_tokens: 99,
  tools,
  messages: [{ role: 'user', content: prompt }, ...more],
});
const say = async (api: Parameters<typeof ask>[0], prompt: string): Promise<string> =>
  (await ask(api, body(prompt))).content[0].text;

test('each conversation walks its own list; the longest matching name wins', () =>
  withApi({ conversations: { task: ['t1'], 'task two': ['u1', 'u2'], exact: ['e1'] } }, async (api) => {
    const found = [
      await say(api, 'do task two'),
      await say(api, 'task one'),
      await say(api, 'exact'),
      await say(api, 'do task two'),
    ];
    assert.deepEqual(found, ['u1', 't1', 'e1', 'u2']);
  }));

test('without names every first prompt is a conversation of its own, also with context before it', () =>
  withApi({ script: ['first', 'second'] }, async (api) => {
    assert.deepEqual(
      [await say(api, 'a'), await say(api, 'b'), await say(api, 'a'), await say(api, 'b')],
      ['first', 'first', 'second', 'second'],
    );
    assert.deepEqual(
      api.requests.map((request) => request.conversation),
      ['a', 'b', 'a', 'b'],
    );
  }));

test('conversations may be told apart by anything in the request', () =>
  withApi(
    { conversations: { x: ['for x'], y: ['for y'] }, conversationOf: (call) => String(call.body.metadata?.user_id) },
    async (api) => {
      const as = async (user: string): Promise<string> =>
        (await ask(api, { ...body('hi'), metadata: { user_id: user } })).content[0].text;
      assert.deepEqual([await as('y'), await as('x')], ['for y', 'for x']);
    },
  ));

test('a function sees the turn: replies so far, the prompt, what tools returned', async () => {
  const turns: Omit<Turn, 'call'>[] = [];
  const script: Script = (turn) => {
    const { conversation, model, replies, requests, prompt, toolResults } = turn;
    turns.push({ conversation, model, replies, requests, prompt, toolResults });
    return turn.replies === 0 ? toolUse('Read', {}, { id: 'toolu_1' }) : `it says ${turn.toolResults[0]?.text}`;
  };
  await withApi({ script }, async (api) => {
    const first = await ask(api, body('look'));
    const result = {
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content: [{ type: 'text', text: 'blue' }],
      is_error: true,
    };
    const answer = { role: 'user', content: [result, { type: 'text', text: 'well?' }] };
    const second = await ask(api, body('look', { role: 'assistant', content: first.content }, answer));
    assert.equal(second.content[0].text, 'it says blue');
  });
  const common = { conversation: 'look', model: 'claude-opus-5' };
  assert.deepEqual(turns, [
    { ...common, replies: 0, requests: 1, prompt: 'look', toolResults: [] },
    {
      ...common,
      replies: 1,
      requests: 2,
      prompt: 'well?',
      toolResults: [{ toolUseId: 'toolu_1', tool: 'Read', text: 'blue', isError: true }],
    },
  ]);
});

test('a surplus, a shortage, a stranger, a refusal and a broken script all fail the test', async () => {
  const api = await startScriptedApi({
    conversations: {
      short: ['only one'],
      long: ['one', 'two'],
      unused: ['never'],
      broken: () => {
        throw new Error('no idea');
      },
    },
  });
  await say(api, 'short');
  await say(api, 'long');
  assert.match(
    await verdict(api, body('short')),
    /^400 invalid_request_error: scripted API: The script of "short" has 1 replies/,
  );
  assert.match(await verdict(api, body('stranger')), /No script for the conversation "stranger"/);
  assert.match(await verdict(api, body('broken')), /no idea/);
  await verdict(api, { ...body('long'), model: 'claude-2' });
  assert.deepEqual(api.problems(), [
    'Request 5: no idea',
    'The script of "short" has 1 replies and was asked for another.',
    'No script for the conversation "stranger".',
    'The script of "long" has 2 replies, 1 of them never asked for.',
    'The script of "unused" has 1 replies, 1 of them never asked for.',
    'Request 6 (POST /v1/messages) was refused with 404: model: claude-2',
  ]);
  assert.throws(() => api.assertFinished(), /did not finish as written/);
  await api.close();
});

test('a script can be given while the server runs, and starts at its beginning', async () => {
  const api = await startScriptedApi({ conversations: { a: ['one'] } });
  assert.equal(await say(api, 'a'), 'one');
  api.script('a', ['again one', 'again two']);
  assert.deepEqual([await say(api, 'a'), await say(api, 'a')], ['again one', 'again two']);
  api.assertFinished();
  await api.close();
});

test('the record holds method, path, headers, body, size and time, before the answer', () =>
  withApi({ script: ['x'], now: () => 42 }, async (api) => {
    const arrival = nthRequest(api, 1);
    await ask(api, body('grüß dich'), { headers: { 'x-trace': '7' } });
    const { number, method, path, headers, body: recorded, rawBytes, at } = await arrival;
    assert.deepEqual(
      { number, method, path, trace: headers['x-trace'], recorded, rawBytes, at },
      {
        number: 1,
        method: 'POST',
        path: '/v1/messages',
        trace: '7',
        recorded: body('grüß dich'),
        rawBytes: Buffer.byteLength(JSON.stringify(body('grüß dich'))),
        at: 42,
      },
    );
  }));

test('ids of messages, tool uses and requests are never the same twice', async () => {
  const api = await startScriptedApi({ script: () => [toolUse('Read', {}), toolUse('Read', {})] });
  const ids = [];
  for (const _ of [1, 2, 3]) {
    const message = await ask(api, body('same prompt'));
    ids.push(message.id, ...message.content.map((block: any) => block.id), api.requests.at(-1)?.requestId);
  }
  assert.equal(new Set(ids).size, ids.length);
  await api.close();
});
