// The body of a request: order, breakpoints, prefixes, text that any parser takes.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContentBlock, Message } from '../../src/contract/message.ts';
import type { ModelRequest } from '../../src/contract/ports.ts';
import { buildRequest, canDropBlocks } from '../../src/model/request.ts';
import { requestFor, user } from './wire.ts';

const mark = { type: 'ephemeral' };
const tools = ['Bash', 'Read'].map((name) => ({ name, description: `${name}.`, input_schema: { type: 'object' } }));
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content });
const results = (count: number): Message => ({
  role: 'user',
  content: Array.from({ length: count }, (_, n) => ({ type: 'tool_result', tool_use_id: `t${n}`, content: 'ok' })),
});
const uses = (count: number): Message =>
  assistant(...Array.from({ length: count }, (_, n) => ({ type: 'tool_use', id: `t${n}`, name: 'Read', input: {} })));

function bodyOf(request: ModelRequest): any {
  return JSON.parse(buildRequest(request).body);
}

/** Paths of all blocks that carry a breakpoint. */
function marksOf(request: ModelRequest): string[] {
  const body = bodyOf(request);
  const list = (name: string, blocks: any): string[] =>
    Array.isArray(blocks) ? blocks.flatMap((block, index) => (block.cache_control ? [`${name}.${index}`] : [])) : [];
  return [
    ...list('tools', body.tools),
    ...list('system', body.system),
    ...body.messages.flatMap((message: any, index: number) => list(`messages.${index}`, message.content)),
  ];
}

test('request: everything in its place', () => {
  const request = requestFor('task', {
    tools,
    messages: [user('context', 'task')],
    settings: {
      ...requestFor('').settings,
      betas: ['b1', 'b2'],
      body: { temperature: 0.2, metadata: { user_id: 'u' } },
    },
    max_tokens: 4000,
  });
  assert.deepEqual(bodyOf(request), {
    temperature: 0.2,
    metadata: { user_id: 'u' },
    model: 'claude-haiku-4-5',
    max_tokens: 4000,
    stream: true,
    tools,
    system: [{ type: 'text', text: 'You are a test.', cache_control: mark }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'context', cache_control: mark },
          { type: 'text', text: 'task', cache_control: mark },
        ],
      },
    ],
  });
  assert.deepEqual(buildRequest(request).headers, {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'b1,b2',
  });
  assert.equal('anthropic-beta' in buildRequest(requestFor('x')).headers, false);
});

const thinking: ContentBlock = { type: 'thinking', thinking: 'x', signature: 's' };
const layouts: readonly (readonly [name: string, rest: Partial<ModelRequest>, marks: readonly string[]])[] = [
  ['a lone prompt', {}, ['system.0', 'messages.0.0']],
  ['a prompt as a string', { messages: [{ role: 'user', content: 'x' }] }, ['system.0', 'messages.0.0']],
  ['context before the prompt', { messages: [user('c1', 'c2', 'p')] }, ['system.0', 'messages.0.1', 'messages.0.2']],
  ['no system: the last tool', { system: ' ', tools }, ['tools.1', 'messages.0.0']],
  ['neither system nor tools', { system: '' }, ['messages.0.0']],
  ['empty text takes none', { messages: [user('p', ' ')] }, ['system.0', 'messages.0.0']],
  ['the rolling one moves on', { messages: [user('p'), uses(1), results(1)] }, ['system.0', 'messages.2.0']],
  [
    'context stays marked',
    { messages: [user('c', 'p'), uses(1), results(1)] },
    ['system.0', 'messages.0.0', 'messages.2.0'],
  ],
  [
    'a large turn keeps the mark before it: four in all',
    { messages: [user('c', 'p'), uses(1), results(1), uses(10), results(10)] },
    ['system.0', 'messages.0.0', 'messages.2.0', 'messages.4.9'],
  ],
  [
    'a large first turn',
    { messages: [user('c', 'p'), uses(10), results(10)] },
    ['system.0', 'messages.0.0', 'messages.0.1', 'messages.2.9'],
  ],
  ['thinking is never marked', { messages: [user('p'), assistant(thinking)] }, ['system.0', 'messages.0.0']],
  [
    'an unknown block is not marked',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'p' }, { type: 'hologram' }] }] },
    ['system.0', 'messages.0.0'],
  ],
];

for (const [name, rest, marks] of layouts) {
  test(`breakpoints: ${name}`, () => assert.deepEqual(marksOf(requestFor('p', rest)), marks));
}

test('request: stored messages stay as they are, and what is sent of them stays the same from turn to turn', () => {
  const messages = [
    user('c', 'p'),
    assistant(thinking, { type: 'tool_use', id: 't0', name: 'Read', input: {} }),
    results(1),
  ];
  const before = structuredClone(messages);
  const first = bodyOf(requestFor('', { messages: messages.slice(0, 1) }));
  const second = bodyOf(requestFor('', { messages }));
  assert.deepEqual(messages, before);
  assert.deepEqual(unmarked(second.messages), before);
  assert.deepEqual(unmarked(second.messages[0]), unmarked(first.messages[0]));
});

const texts: readonly (readonly [name: string, text: string, sent: string])[] = [
  ['a lone high surrogate', 'a\uD800b', 'a\uFFFDb'],
  ['a lone low surrogate', '\uDC00', '\uFFFD'],
  ['a pair', '😀', '😀'],
  ['two lone ones in a row', '\uD800\uD800', '\uFFFD\uFFFD'],
  ['NUL', 'a\u0000b', 'a\uFFFDb'],
  ['text that looks like an escape', '\\ud800 \\u0000 \\\\ud800', '\\ud800 \\u0000 \\\\ud800'],
  ['a backslash before a lone one', '\\\uD800', '\\\uFFFD'],
];

for (const [name, text, sent] of texts) {
  test(`request: ${name}`, () => {
    const body = bodyOf(requestFor(text, { system: `s${text}` }));
    assert.deepEqual([body.messages[0].content[0].text, body.system[0].text], [sent, `s${sent}`]);
  });
}

test('request: NUL in a reply goes back as the API sent it', () => {
  const messages = [user('p'), uses(0), assistant({ type: 'text', text: 'a\u0000\uD800' })];
  assert.deepEqual(bodyOf(requestFor('', { messages })).messages[2].content, [{ type: 'text', text: 'a\u0000\uFFFD' }]);
});

test('prefixes: equal where the cache would hit, different where it would not', () => {
  const keys = (rest: Partial<ModelRequest>): readonly string[] =>
    buildRequest(requestFor('p', { tools, messages: [user('context', 'task')], ...rest })).prefixes.map(({ key }) =>
      key(),
    );
  const settings = requestFor('').settings;
  const [base, context] = keys({});
  assert.deepEqual(keys({ messages: [user('context', 'other task')], worker_id: 'w2' }), [base, context]);
  assert.deepEqual(keys({ settings: { ...settings, body: { temperature: 1 } } }), [base, context]);
  assert.deepEqual(keys({ messages: [user('context', 'task'), uses(1), results(1)] }), [base, context]);
  assert.equal(keys({ messages: [user('other', 'task')] })[0], base);
  assert.notEqual(keys({ messages: [user('other', 'task')] })[1], context);
  assert.notEqual(keys({ settings: { ...settings, body: { thinking: { type: 'adaptive' } } } })[1], context);
  for (const rest of [{ system: 'x' }, { tools: [] }, { settings: { ...settings, model: 'm' } }]) {
    assert.notEqual(keys(rest)[0], base);
  }
});

test('request: dropping unbound thinking asks for it, with its beta', () => {
  const settings = {
    ...requestFor('').settings,
    betas: ['b1'],
    body: { thinking: { type: 'adaptive', display: 'omitted' } },
  };
  const { body, headers } = buildRequest(requestFor('p', { settings }), { dropUnboundThinking: true });
  assert.deepEqual(JSON.parse(body).thinking, {
    type: 'adaptive',
    display: 'omitted',
    block_binding: { prefix_mismatch_behavior: 'drop_block' },
  });
  assert.equal(headers['anthropic-beta'], 'b1,thinking-binding-controls-2026-08-01');
  const can = (body: Record<string, unknown>): boolean =>
    canDropBlocks(requestFor('', { settings: { ...settings, body } }));
  assert.deepEqual([{}, { thinking: { type: 'adaptive' } }, { thinking: { type: 'disabled' } }].map(can), [
    true,
    true,
    false,
  ]);
});

function unmarked(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'cache_control' ? undefined : inner)));
}
