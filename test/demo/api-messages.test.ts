// The rules between messages and blocks: each refused once in its documented wording, and accepted once.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ask,
  pauseTurn,
  rawBlock,
  reply,
  serverToolResult,
  serverToolUse,
  startScriptedApi,
  text,
  toolUse,
  verdict,
} from '../fakes/messages-api.ts';

const tools = [{ name: 'Read', input_schema: { type: 'object' } }];
const user = (...content: unknown[]): object => ({ role: 'user', content: content.map(asBlock) });
const assistant = (...content: unknown[]): object => ({ role: 'assistant', content: content.map(asBlock) });
const asBlock = (item: unknown): unknown => (typeof item === 'string' ? { type: 'text', text: item } : item);
const use = (id: string): object => ({ type: 'tool_use', id, name: 'Read', input: {} });
const result = (id: string, content: unknown = 'ok'): object => ({ type: 'tool_result', tool_use_id: id, content });
const mark = (ttl?: string): object => ({
  cache_control: { type: 'ephemeral', ...(ttl === undefined ? {} : { ttl }) },
});
const marked = (text: string, ttl?: string): object => ({ type: 'text', text, ...mark(ttl) });

const missing = (n: number, ids: string): string =>
  `messages.${n}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
const unexpected = (path: string, id: string): string =>
  `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
const prefill = 'This model does not support assistant message prefill. The conversation must end with a user message.';
const emptyText = 'messages: text content blocks must be non-empty';
const emptyContent = (n: number): string =>
  `messages.${n}: all messages must have non-empty content except for the optional final assistant message`;
const blank = 'messages: text content blocks must contain non-whitespace text';

async function checkAll(model: string, cases: readonly (readonly [string, object, string])[]): Promise<void> {
  const api = await startScriptedApi({ script: () => text('ok') });
  const found = [];
  for (const [name, extra] of cases) {
    found.push([name, await verdict(api, { model, max_tokens: 100, tools, messages: [user('hi')], ...extra })]);
  }
  const wanted = cases.map(([name, , text]) => [name, text === '' ? '200' : `400 invalid_request_error: ${text}`]);
  assert.deepEqual(found, wanted);
  await api.close();
}

test('tool uses and results belong together', () => {
  const one = [user('go'), assistant('let me see', use('a'))];
  const two = [user('go'), assistant(use('a'), use('b'))];
  return checkAll('claude-opus-5', [
    ['answered', { messages: [...one, user(result('a'))] }, ''],
    ['answered, text after', { messages: [...one, user(result('a'), 'and now?')] }, ''],
    ['in another order', { messages: [...two, user(result('b'), result('a'))] }, ''],
    ['over two user messages in a row', { messages: [...two, user(result('a')), user(result('b'))] }, ''],
    [
      'an error result without content',
      { messages: [...one, user({ type: 'tool_result', tool_use_id: 'a', is_error: true })] },
      '',
    ],
    ['a result with blocks', { messages: [...one, user(result('a', [{ type: 'text', text: 'x' }]))] }, ''],
    ['no result', { messages: [...one, user('go on')] }, missing(1, 'a')],
    ['one of two', { messages: [...two, user(result('b'))] }, missing(1, 'a')],
    ['none of two', { messages: [...two, user('hm')] }, missing(1, 'a, b')],
    ['text first', { messages: [...one, user('here:', result('a'))] }, missing(1, 'a')],
    ['the end of the conversation', { messages: one }, prefill],
    [
      'an id nobody asked for',
      { messages: [...one, user(result('a'), result('z'))] },
      unexpected('messages.2.content.1', 'z'),
    ],
    ['a result out of nowhere', { messages: [user(result('a'))] }, unexpected('messages.0.content.0', 'a')],
    [
      'a result a turn late',
      { messages: [...one, user(result('a')), assistant('ok'), user(result('a'))] },
      unexpected('messages.4.content.0', 'a'),
    ],
    [
      'twice',
      { messages: [...one, user(result('a'), result('a'))] },
      'messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: a',
    ],
    [
      'the same id used twice',
      { messages: [...one, user(result('a')), assistant(use('a')), user(result('a'))] },
      'messages.3.content.0: `tool_use` ids must be unique',
    ],
    ['empty text in a result', { messages: [...one, user(result('a', [{ type: 'text', text: '' }]))] }, emptyText],
    [
      'a tool_use in a result',
      { messages: [...one, user(result('a', [use('b')]))] },
      "messages.2.content.0.tool_result.content.0: Input tag 'tool_use' found using 'type' does not match any of the expected tags: 'text', 'image', 'document', 'search_result', 'tool_reference', 'browser_state'",
    ],
    [
      'an extra field',
      { messages: [...one, user({ ...result('a'), name: 'Read' })] },
      'messages.2.content.0.tool_result.name: Extra inputs are not permitted',
    ],
    [
      'an input that is no object',
      { messages: [user('go'), assistant({ ...use('a'), input: 'x' }), user(result('a'))] },
      'messages.1.content.0.tool_use.input: Input should be a valid dictionary',
    ],
  ]);
});

test('roles, empty content and prefill on a model without prefill', () =>
  checkAll('claude-sonnet-4-6', [
    ['two user messages in a row', { messages: [user('a'), user('b')] }, ''],
    ['a system message after a user turn', { messages: [user('a'), { role: 'system', content: 'note' }] }, ''],
    [
      'a system message first',
      { messages: [{ role: 'system', content: 'note' }, user('a')] },
      'messages: first message must use the "user" role',
    ],
    [
      'a system message after the assistant',
      { messages: [user('a'), assistant('b'), { role: 'system', content: 'note' }, user('c')] },
      'messages.2: a system message must follow a user message',
    ],
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    ['assistant first', { messages: [assistant('a'), user('b')] }, 'messages: first message must use the "user" role'],
    ['empty string', { messages: [{ role: 'user', content: '' }] }, emptyContent(0)],
    ['empty list', { messages: [user('a'), assistant(), user('b')] }, emptyContent(1)],
    ['empty text block', { messages: [user('')] }, emptyText],
    ['blank text block', { messages: [user(' \n')] }, blank],
    ['empty text of the assistant', { messages: [user('a'), assistant(''), user('b')] }, emptyText],
    ['prefill', { messages: [user('a'), assistant('I')] }, prefill],
    [
      'an unknown role',
      { messages: [{ role: 'tool', content: 'x' }] },
      "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ],
    ['a message without content', { messages: [{ role: 'user' }] }, 'messages.0.content: Field required'],
    [
      'a field beside role and content',
      { messages: [{ role: 'user', content: 'x', name: 'y' }] },
      'messages.0.name: Extra inputs are not permitted',
    ],
    ['system as blocks', { system: [{ type: 'text', text: 'be brief' }] }, ''],
    ['empty system block', { system: [{ type: 'text', text: '' }] }, 'system: text content blocks must be non-empty'],
    [
      'a tool_use said by the user',
      { messages: [user(use('a'))] },
      "messages.0.content.0: Input tag 'tool_use' found using 'type' does not match any of the expected tags: 'text', 'image', 'document', 'search_result', 'tool_result', 'container_upload'",
    ],
    [
      'a block type nobody sent',
      { messages: [user('a'), assistant({ type: 'hologram' }), user('b')] },
      "messages.1.content.0: Input tag 'hologram' found using 'type' does not match any of the expected tags: 'text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'container_upload', 'document'",
    ],
    [
      'a prompt beyond the window',
      { messages: [user('x'.repeat(4_000_004))] },
      'prompt is too long: 1000013 tokens > 1000000 maximum',
    ],
  ]));

test('prefill on a model that takes it', () =>
  checkAll('claude-haiku-4-5', [
    ['a beginning', { messages: [user('a'), assistant('I think')] }, ''],
    ['nothing', { messages: [user('a'), assistant()] }, ''],
    [
      'trailing blank',
      { messages: [user('a'), assistant('I think ')] },
      'messages: final assistant content cannot end with trailing whitespace',
    ],
    ['only blank', { messages: [user('a'), assistant(' ')] }, blank],
  ]));

test('tool definitions', () => {
  const schema = { type: 'object' };
  const name = (value: string): object => ({ tools: [{ name: value, input_schema: schema }] });
  const pattern = "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
  return checkAll('claude-opus-5', [
    ['letters, digits, dash, underscore', name('mcp__git-hub_2'), ''],
    ['a dot', name('git.log'), pattern],
    ['129 characters', name('x'.repeat(129)), pattern],
    ['no name', { tools: [{ input_schema: schema }] }, 'tools.0.custom.name: Field required'],
    ['the same name twice', { tools: [tools[0], tools[0]] }, 'tools: Tool names must be unique.'],
    ['no schema', { tools: [{ name: 'Read' }] }, 'tools.0.custom.input_schema: Field required'],
    [
      'a schema without type',
      { tools: [{ name: 'Read', input_schema: {} }] },
      'tools.0.custom.input_schema.type: Field required',
    ],
    [
      'a schema that is no object',
      { tools: [{ name: 'Read', input_schema: { type: 'string' } }] },
      "tools.0.custom.input_schema.type: Input should be 'object'",
    ],
    [
      'an unknown field',
      { tools: [{ ...tools[0], access: 'read' }] },
      'tools.0.custom.access: Extra inputs are not permitted',
    ],
    [
      'strict and open',
      { tools: [{ ...tools[0], strict: true }] },
      "tools.0.custom.input_schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      'strict and closed',
      { tools: [{ name: 'Read', strict: true, input_schema: { ...schema, additionalProperties: false } }] },
      '',
    ],
    ['a server tool', { tools: [{ type: 'web_search_20260318', name: 'web_search' }] }, ''],
    [
      'an unknown type',
      { tools: [{ type: 'teleport_20260101', name: 'x' }] },
      "tools.0: Input tag 'teleport_20260101' found using 'type' does not match any of the expected tags",
    ],
  ]);
});

test('cache_control marks', () => {
  const texts = (n: number, ttl?: string): object =>
    user(...Array.from({ length: n }, (_, at) => marked(`part ${at}`, ttl)));
  const late = (path: string): string =>
    `${path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`;
  const markedTools = [{ ...tools[0], ...mark('1h') }];
  return checkAll('claude-opus-5', [
    ['four', { messages: [texts(4)] }, ''],
    ['five', { messages: [texts(5)] }, 'A maximum of 4 blocks with cache_control may be provided. Found 5.'],
    [
      'over tools, system and messages',
      { tools: markedTools, system: [marked('s', '1h')], messages: [texts(3)] },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    ['three and the automatic one', { messages: [texts(3)], ...mark() }, ''],
    [
      'four and the automatic one',
      { messages: [texts(4)], ...mark() },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    ['1h before 5m', { tools: markedTools, messages: [user(marked('x', '5m'))] }, ''],
    [
      '1h after 5m',
      { system: [marked('s')], messages: [user(marked('x', '1h'))] },
      late('messages.0.content.0.cache_control'),
    ],
    ['automatic 1h after 5m', { messages: [user(marked('x'), 'y')], ...mark('1h') }, late('cache_control')],
    [
      'automatic 1h on a 5m block',
      { messages: [user(marked('x'))], ...mark('1h') },
      'cache_control: ttl differs from the cache_control of the last block, which it would mark',
    ],
    [
      'another lifetime',
      { messages: [user(marked('x', '2h'))] },
      "messages.0.content.0.text.cache_control.ttl: Input should be '5m' or '1h'",
    ],
    [
      'on thinking',
      { messages: [user('x'), assistant({ type: 'thinking', thinking: 'x', signature: 'x', ...mark() }), user('y')] },
      'messages.1.content.0.thinking.cache_control: Extra inputs are not permitted',
    ],
  ]);
});

test('2026-10-21 refuses documents of the assistant and citations of the user', async () => {
  const api = await startScriptedApi({ script: () => text('ok') });
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } };
  const cited = { type: 'text', text: 'x', citations: [{ type: 'char_location' }] };
  const bodies = [[user('x'), assistant(document), user('y')], [user(cited)]];
  const found = [];
  for (const messages of bodies) {
    const body = { model: 'claude-opus-5', max_tokens: 9, messages };
    found.push([await verdict(api, body), await verdict(api, body, { version: '2026-10-21' })]);
  }
  assert.deepEqual(found, [
    [
      '200',
      "400 invalid_request_error: messages.1.content.0: Input tag 'document' is not permitted in an assistant message",
    ],
    ['200', '400 invalid_request_error: messages.0.content.0.text.citations: Extra inputs are not permitted'],
  ]);
  await api.close();
});

test('server tools: a pair comes back whole, a paused turn may be continued, a lone use may not', async () => {
  const search = serverToolUse('web_search', { query: 'x' }, 'srvtoolu_1');
  const found = serverToolResult('web_search', 'srvtoolu_1', [{ type: 'web_search_result', title: 't' }]);
  const api = await startScriptedApi({
    script: [pauseTurn(['Searching.', search]), reply([found, 'Found it.']), 'Bye.', 'Bye.'],
  });
  const body = (...messages: object[]): object => ({
    model: 'claude-opus-5',
    max_tokens: 99,
    messages: [user('go'), ...messages],
  });
  const paused = await ask(api, body());
  assert.equal(paused.stop_reason, 'pause_turn');
  const resumed = await ask(api, body({ role: 'assistant', content: paused.content }));
  const whole = [
    { role: 'assistant', content: paused.content },
    { role: 'assistant', content: resumed.content },
  ];
  await ask(api, body(...whole, user('thanks')));
  assert.equal(
    await verdict(
      api,
      body({ role: 'assistant', content: paused.content }, user('hm'), assistant('ok'), user('thanks')),
    ),
    '400 invalid_request_error: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block',
  );
  assert.equal(await verdict(api, body(assistant('I never paused'))), `400 invalid_request_error: ${prefill}`);
  await api.close();
});

test('a block of an unknown type may be replayed because this server sent it', async () => {
  const api = await startScriptedApi({
    script: [reply([rawBlock({ type: 'hologram', beam: 3 }), toolUse('Read', {})]), 'ok'],
  });
  const first = await ask(api, { model: 'claude-opus-5', max_tokens: 99, tools, messages: [user('go')] });
  const messages = [user('go'), { role: 'assistant', content: first.content }, user(result(first.content[1].id))];
  assert.equal(await verdict(api, { model: 'claude-opus-5', max_tokens: 99, tools, messages }), '200');
  api.assertFinished();
  await api.close();
});
