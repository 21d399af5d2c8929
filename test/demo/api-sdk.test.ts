// The official client, which knows nothing of this server, understands it: streams, errors, counting, models, gateways.
import assert from 'node:assert/strict';
import test from 'node:test';
import Anthropic, { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import {
  overloaded,
  permissiveModel,
  rateLimited,
  reply,
  type ScriptedApi,
  startScriptedApi,
  text,
  thinking,
  toolUse,
  withApi,
} from '../fakes/messages-api.ts';

const tools: Anthropic.Tool[] = [{ name: 'Read', input_schema: { type: 'object' } }];
const client = (api: ScriptedApi, maxRetries = 0): Anthropic =>
  new Anthropic({ apiKey: 'test', baseURL: api.url, maxRetries });

test('a conversation with thinking and a tool over the streaming helper', async () => {
  const script = [
    reply([thinking('Let me look.'), 'I read it.', toolUse('Read', { file_path: 'ä😀.txt' })], {
      wire: { pieces: [7] },
    }),
    'It says blue.',
  ];
  await withApi({ script }, async (api) => {
    const params = { model: 'claude-sonnet-5-5', max_tokens: 500, tools };
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'look' }];
    const first = await client(api)
      .messages.stream({ ...params, messages })
      .finalMessage();
    assert.deepEqual(
      first.content.map((block) => block.type),
      ['thinking', 'text', 'tool_use'],
    );
    const use = first.content[2] as Anthropic.ToolUseBlock;
    assert.deepEqual([use.name, use.input, first.stop_reason], ['Read', { file_path: 'ä😀.txt' }, 'tool_use']);
    messages.push({ role: 'assistant', content: first.content });
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'blue' }] });
    const counted = await client(api).messages.countTokens({ model: params.model, tools, messages });
    const second = await client(api).messages.create({ ...params, messages });
    assert.deepEqual(second.content, [{ type: 'text', text: 'It says blue.' }]);
    assert.equal(second.usage.input_tokens, counted.input_tokens);
  });
});

test('errors arrive as the client’s own classes, retries as it makes them', async () => {
  const api = await startScriptedApi({ script: [rateLimited({ ms: 1 }), overloaded(), 'ok'], refusalsExpected: true });
  const params = { model: 'claude-opus-5', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };
  const answer = await client(api, 2).messages.create(params);
  assert.deepEqual(answer.content, [{ type: 'text', text: 'ok' }]);
  await assert.rejects(client(api).messages.create({ ...params, model: 'claude-haiku-4' }), NotFoundError);
  await assert.rejects(client(api).messages.create({ ...params, messages: [] }), BadRequestError);
  api.assertFinished();
  await api.close();
});

test('models are listed through all pages', async () => {
  const api = await startScriptedApi();
  const ids = [];
  for await (const model of client(api).models.list({ limit: 5 })) ids.push(model.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 15 && ids.includes('claude-haiku-4-5'));
  assert.equal((await client(api).models.retrieve('claude-opus-4-5')).max_tokens, 64_000);
  await api.close();
});

test('a gateway with one model of its own, without counting and listing', async () => {
  const api = await startScriptedApi({
    script: () => text('ok'),
    models: [permissiveModel('claude-haiku-4')],
    lacks: ['count_tokens', 'models'],
  });
  const messages = [{ role: 'user' as const, content: 'hi' }];
  const sampled: any = { model: 'claude-haiku-4', max_tokens: 50, messages, temperature: 0.2, top_p: 0.5, top_k: 3 };
  const old = { headers: { 'anthropic-version': '2023-06-01' } };
  assert.equal((await client(api).messages.create(sampled, old)).model, 'claude-haiku-4');
  await assert.rejects(client(api).messages.create({ ...sampled, model: 'claude-haiku-4-5' }, old), NotFoundError);
  await assert.rejects(client(api).messages.countTokens({ model: 'claude-haiku-4', messages }), NotFoundError);
  await assert.rejects(client(api).models.list(), NotFoundError);
  await api.close();
});
