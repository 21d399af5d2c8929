// Thinking blocks come back as they were sent, under the prefix they were made under, or the request fails as documented.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ask,
  redactedThinking,
  reply,
  type ScriptedApi,
  startScriptedApi,
  text,
  thinking,
  toolUse,
  verdict,
} from '../fakes/messages-api.ts';

const bound = 'claude-sonnet-5-5';
const free = 'claude-opus-4-8';
const tools = [{ name: 'Read', description: 'Reads.', input_schema: { type: 'object' } }];
const adaptive = { type: 'adaptive' };
const binding = 'thinking-binding-controls-2026-08-01';
const drop = { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } };

const cannotModify = (path: string): string =>
  `400 invalid_request_error: ${path}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`;
const elsewhere = (path: string): string =>
  `400 invalid_request_error: ${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block". This field requires the \`thinking-binding-controls-2026-08-01\` beta header.`;

type Talk = { readonly api: ScriptedApi; readonly body: any };

/** Two turns with thinking and a tool, ready for the third request. */
async function talk(model: string): Promise<Talk> {
  const script = [
    reply([thinking('first thought'), redactedThinking(), thinking('second thought'), toolUse('Read', { n: 1 })]),
    reply([thinking('third thought'), text('between'), thinking('fourth thought'), toolUse('Read', { n: 2 })]),
  ];
  const api = await startScriptedApi({ conversations: { go: script } });
  const body: any = {
    model,
    max_tokens: 2000,
    thinking: adaptive,
    system: 'Be brief.',
    tools,
    messages: [{ role: 'user', content: 'go' }],
  };
  for (const _ of script) {
    const message = await ask(api, body);
    const id = message.content.at(-1).id;
    body.messages.push({ role: 'assistant', content: message.content });
    body.messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'result' }] });
  }
  api.script('go', () => text('done'));
  return { api, body };
}

/** The verdict on the third request after a change. */
async function after(model: string, change: (body: any) => void): Promise<string> {
  const { api, body } = await talk(model);
  const copy = structuredClone(body);
  change(copy);
  const found = await verdict(api, copy);
  await api.close();
  return found;
}

test('what is not part of the prefix may change', async () => {
  const changes: readonly ((body: any) => void)[] = [
    () => {},
    (body) => (body.max_tokens = 999),
    (body) => (body.output_config = { effort: 'low' }),
    (body) => (body.tool_choice = { type: 'auto' }),
    (body) => (body.metadata = { user_id: 'x' }),
    (body) => (body.messages[0].content = [{ type: 'text', text: 'go', cache_control: { type: 'ephemeral' } }]),
    (body) => (body.messages[2].content[0].cache_control = { type: 'ephemeral', ttl: '1h' }),
    (body) => (body.system = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }]),
    (body) => body.tools.push({ ...tools[0], name: 'Later', defer_loading: true }),
    (body) => body.messages.push({ role: 'user', content: 'and more' }),
    (body) => {
      for (const message of body.messages) if (message.role === 'assistant') strip(message);
    },
  ];
  for (const change of changes) assert.equal(await after(bound, change), '200', String(change));
});

test('from the bound models on, any edit of what stands before a block is refused', async () => {
  const changes: readonly (readonly [string, (body: any) => void])[] = [
    ['messages.1.content.0', (body) => (body.system = 'Be brief!')],
    ['messages.1.content.0', (body) => (body.tools[0].description = 'Reads!')],
    ['messages.1.content.0', (body) => (body.messages[0].content = 'Go')],
    ['messages.3.content.0', (body) => (body.messages[2].content[0].content = 'result (truncated)')],
    ['messages.3.content.0', (body) => (body.messages[2].content[0].is_error = true)],
    ['messages.3.content.0', (body) => strip(body.messages[1])],
    ['messages.1.content.1', (body) => body.messages[1].content.splice(1, 1)],
    ['messages.3.content.2', (body) => (body.messages[3].content[1].text = 'Between')],
  ];
  for (const [path, change] of changes) assert.equal(await after(bound, change), elsewhere(path), String(change));
});

test('models before that do not care for the prefix', async () => {
  const changes: readonly ((body: any) => void)[] = [
    (body) => (body.system = 'Be brief!'),
    (body) => (body.messages[2].content[0].content = 'result (truncated)'),
    (body) => strip(body.messages[1]),
  ];
  for (const change of changes) assert.equal(await after(free, change), '200', String(change));
});

test('on every model the blocks themselves must be genuine, complete and in order', async () => {
  const invalid = '400 invalid_request_error: messages.1.content.0: Invalid `signature` in `thinking` block';
  const changes: readonly (readonly [string, (body: any) => void])[] = [
    [cannotModify('messages.3.content.0'), (body) => (body.messages[3].content[0].thinking = 'another thought')],
    [cannotModify('messages.3.content.0'), (body) => body.messages[3].content.splice(2, 1)],
    [
      cannotModify('messages.3.content.0'),
      (body) => body.messages[3].content.unshift(body.messages[3].content.splice(2, 1)[0]),
    ],
    [invalid, (body) => (body.messages[1].content[0].signature = 'forged')],
    [invalid, (body) => (body.messages[1].content[0].thinking = 'another thought')],
    [
      '400 invalid_request_error: messages.1.content.1: Invalid `data` in `redacted_thinking` block',
      (body) => (body.messages[1].content[1].data = 'x'),
    ],
  ];
  for (const [expected, change] of changes) {
    assert.equal(await after(free, change), expected, String(change));
  }
});

test('manual thinking wants the turn to begin with thinking', async () => {
  const api = await startScriptedApi({
    script: [reply([thinking('hm'), toolUse('Read', {})]), toolUse('Read', {}), 'done'],
  });
  const body: any = {
    model: 'claude-haiku-4-5',
    max_tokens: 2000,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    tools,
    messages: [{ role: 'user', content: 'go' }],
  };
  const first = await ask(api, body);
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[1].id }] };
  const stripped = {
    ...body,
    messages: [body.messages[0], { role: 'assistant', content: [first.content[1]] }, result],
  };
  assert.match(
    await verdict(api, stripped),
    /^400 invalid_request_error: messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`\./,
  );
  body.messages.push({ role: 'assistant', content: first.content }, result);
  const second = await ask(api, body);
  body.messages.push({ role: 'assistant', content: second.content });
  body.messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: second.content[0].id }] });
  assert.equal(await verdict(api, body), '200');
  await api.close();
});

test('drop_block drops the rest of the turn it strikes and says so; without its beta header it does not exist', async () => {
  const { api, body } = await talk(bound);
  body.messages[0].content = 'Go';
  const dropping = { ...body, thinking: drop };
  assert.match(await verdict(api, dropping), /block_binding: Extra inputs are not permitted$/);
  api.script('Go', () => text('done'));
  const dropped = (path: string): object => ({ type: 'thinking_dropped', path, reason: 'prefix_binding_mismatch' });
  const message = await ask(api, dropping, { betas: [binding] });
  assert.deepEqual(
    message.input_transformations,
    [1, 1, 1, 3, 3].map((index, at) => dropped(`messages.${index}.content.${[0, 1, 2, 0, 2][at]}`)),
  );
  await api.close();
});

test('the answer reports an untouched history as no transformations', async () => {
  const { api, body } = await talk(bound);
  const untouched = await ask(api, body, { betas: [binding] });
  const silent = await ask(api, body);
  assert.deepEqual([untouched.input_transformations, 'input_transformations' in silent], [[], false]);
  await api.close();
});

test('blocks of another model are dropped, not refused', async () => {
  const { api, body } = await talk(bound);
  const message = await ask(api, { ...body, model: 'claude-fable-5-2' }, { betas: [binding] });
  assert.deepEqual(
    message.input_transformations.map((entry: any) => entry.reason),
    Array.from({ length: 5 }, () => 'model_binding_mismatch'),
  );
  await api.close();
});

test('display omitted sends a signature without the thought, and takes it back', async () => {
  const api = await startScriptedApi({ script: [reply([thinking('secret'), 'hello']), 'bye'] });
  const body: any = {
    model: bound,
    max_tokens: 99,
    thinking: { type: 'adaptive', display: 'omitted' },
    messages: [{ role: 'user', content: 'go' }],
  };
  const first = await ask(api, body);
  assert.equal(first.content[0].thinking, '');
  body.messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: 'bye' });
  assert.equal(await verdict(api, body), '200');
  await api.close();
});

function strip(message: any): void {
  message.content = message.content.filter((block: any) => !block.type.endsWith('thinking'));
}
