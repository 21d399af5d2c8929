// The prompt cache: who writes, who reads, how much, for how long.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ask,
  nthRequest,
  open,
  parseEvents,
  reply,
  type ScriptedApi,
  stall,
  startScriptedApi,
  type Step,
  text,
} from '../fakes/messages-api.ts';

const model = 'claude-opus-5'; // minimum 512
const part = (tokens: number, letter: string, ttl?: string): object => ({
  type: 'text',
  text: letter.repeat(tokens * 4),
  ...(ttl === undefined ? {} : { cache_control: { type: 'ephemeral', ttl } }),
});
const plain = (tokens: number, letter: string): object => part(tokens, letter);
const body = (system: readonly object[], messages: readonly object[], extra: object = {}): object => ({
  model,
  max_tokens: 100,
  system,
  messages: [{ role: 'user', content: messages }],
  ...extra,
});

type Counts = readonly [input: number, read: number, write5m: number, write1h: number];

function counts(usage: any): Counts {
  assert.equal(
    usage.cache_creation_input_tokens,
    usage.cache_creation.ephemeral_5m_input_tokens + usage.cache_creation.ephemeral_1h_input_tokens,
  );
  const { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour } = usage.cache_creation;
  return [usage.input_tokens, usage.cache_read_input_tokens, five, hour];
}

async function usages(bodies: readonly object[], now?: () => number): Promise<readonly Counts[]> {
  const api = await startScriptedApi({ script: () => text('ok'), ...(now === undefined ? {} : { now }) });
  const found = [];
  for (const one of bodies) found.push(counts((await ask(api, one)).usage));
  await api.close();
  return found;
}

test('written once, read after; the tail is neither', async () => {
  const shared = part(600, 's', '5m');
  assert.deepEqual(
    await usages([
      body([shared], [plain(10, 'a')]),
      body([shared], [plain(20, 'b')]),
      body([shared], [plain(20, 'b')]),
    ]),
    [
      [10, 0, 600, 0],
      [20, 600, 0, 0],
      [20, 600, 0, 0],
    ],
  );
});

test('a prefix below the minimum of the model is not cached, and says nothing', async () => {
  const short = body([part(511, 's', '5m')], [plain(10, 'a')]);
  assert.deepEqual(await usages([short, short, { ...short, model: 'claude-opus-4-6' }]), [
    [521, 0, 0, 0],
    [521, 0, 0, 0],
    [521, 0, 0, 0],
  ]);
  const enough = body([part(512, 's', '5m')], [plain(10, 'a')]);
  assert.deepEqual(await usages([enough, enough, { ...enough, model: 'claude-opus-4-6' }]), [
    [10, 0, 512, 0],
    [10, 512, 0, 0],
    [522, 0, 0, 0],
  ]);
});

test('the cost of two lifetimes is split', async () => {
  const both = body([part(600, 's', '1h')], [part(50, 'a', '5m'), plain(7, 'b')]);
  assert.deepEqual(await usages([both, both]), [
    [7, 0, 50, 600],
    [7, 650, 0, 0],
  ]);
});

test('a rolling breakpoint reads what came before and writes the rest', async () => {
  const shared = part(600, 's', '5m');
  const turns = [1, 2, 3].map((n) =>
    body(
      [shared],
      Array.from({ length: n }, (_, at) => (at === n - 1 ? part(100, `${at}`, '5m') : plain(100, `${at}`))),
    ),
  );
  assert.deepEqual(await usages(turns), [
    [0, 0, 700, 0],
    [0, 700, 100, 0],
    [0, 800, 100, 0],
  ]);
});

test('the lookback is 20 blocks: 19 new ones find the entry, 20 do not', async () => {
  const grown = (n: number): object =>
    body([], [plain(600, 'x'), ...Array.from({ length: n - 1 }, () => plain(10, 'y')), part(10, 'z', '5m')]);
  const first = body([], [part(600, 'x', '5m')]);
  assert.deepEqual(await usages([first, grown(19)]), [
    [0, 0, 600, 0],
    [0, 600, 190, 0],
  ]);
  assert.deepEqual(await usages([first, grown(20)]), [
    [0, 0, 600, 0],
    [0, 0, 800, 0],
  ]);
});

test('tools, then system, then messages: a change breaks what follows, and only that', async () => {
  const tool = (description: string): object => ({
    tools: [{ name: 'Read', description, input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
  });
  const system = [part(600, 's', '5m')];
  const base = body(system, [part(100, 'a', '5m')], tool('x'.repeat(2400)));
  const variants = [
    base,
    base,
    { ...base, tool_choice: { type: 'auto' } },
    { ...base, thinking: { type: 'disabled' } },
    { ...base, output_config: { effort: 'low' } },
    body([part(600, 't', '5m')], [part(100, 'a', '5m')], tool('x'.repeat(2400))),
    body(system, [part(100, 'a', '5m')], tool('y'.repeat(2400))),
    { ...base, model: 'claude-opus-4-8' },
  ];
  const found = await usages(variants);
  const [all, tools] = [found[0]![2], found[0]![2] - 700];
  assert.deepEqual(
    found.map(([, read]) => read),
    [0, all, all - 100, all - 100, all - 100, tools, 0, 0],
  );
});

test('an entry lives from the start of a request, and a read renews it', async () => {
  let minutes = 0;
  const now = (): number => minutes * 60_000;
  const api = await startScriptedApi({ script: () => text('ok'), now });
  const at = async (time: number, ttl: string): Promise<Counts> => {
    minutes = time;
    return counts((await ask(api, body([part(300, ttl, ttl)], [plain(1, 'a')]))).usage);
  };
  const hour = [await at(0, '1h'), await at(59, '1h'), await at(118, '1h'), await at(178, '1h')];
  const five = [await at(200, '5m'), await at(204, '5m'), await at(208, '5m'), await at(213, '5m')];
  assert.deepEqual(
    hour.map(([, read]) => read),
    [0, 600, 600, 0],
  );
  assert.deepEqual(
    five.map(([, read]) => read),
    [0, 600, 600, 0],
  );
  await api.close();
});

test('first writer: until the first response begins, everybody writes', async () => {
  const gate = Promise.withResolvers<Step>();
  const api = await startScriptedApi({ script: () => gate.promise, conversationOf: () => 'all' });
  const shared = body([part(600, 's', '5m')], [plain(1, 'a')]);
  const asked = Promise.all([ask(api, shared), ask(api, shared)]);
  await api.until((requests) => requests.length === 2);
  gate.resolve('ok');
  const [first, second] = await asked;
  const third = await ask(api, shared);
  assert.deepEqual(
    [first, second, third].map((message) => counts(message.usage)),
    [
      [1, 0, 600, 0],
      [1, 0, 600, 0],
      [1, 600, 0, 0],
    ],
  );
  await api.close();
});

test('a stream publishes with its first byte, long before its end', async () => {
  const api = await startScriptedApi({
    script: ({ requests }) => (requests === 1 ? stall(reply('a long answer')) : 'ok'),
    conversationOf: () => 'all',
  });
  const shared = body([part(600, 's', '5m')], [plain(1, 'a')], { stream: true });
  const slow = await open(api, shared);
  const reader = slow.body!.getReader();
  await reader.read();
  const other = parseEvents(await (await open(api, shared)).text());
  assert.equal((await nthRequest(api, 1)).outcome, 'pending');
  assert.deepEqual(counts(other[0].message.usage), [1, 600, 0, 0]);
  await reader.cancel();
  await api.close();
});

test('warming with max_tokens 0 writes, uses up no reply, and bills no output', async () => {
  const api: ScriptedApi = await startScriptedApi({ script: ['ok'] });
  const warm = await ask(api, body([part(600, 's', '5m')], [plain(1, 'a')], { max_tokens: 0 }));
  assert.deepEqual(
    [warm.content, warm.stop_reason, warm.usage.output_tokens, counts(warm.usage)],
    [[], 'max_tokens', 0, [1, 0, 600, 0]],
  );
  assert.deepEqual(counts((await ask(api, body([part(600, 's', '5m')], [plain(1, 'a')]))).usage), [1, 600, 0, 0]);
  api.assertFinished();
  await api.close();
});

test('the automatic mark sits on the last block', async () => {
  const auto = (n: number): object =>
    body(
      [],
      Array.from({ length: n }, (_, at) => plain(600, `${at}`)),
      { cache_control: { type: 'ephemeral' } },
    );
  assert.deepEqual(await usages([auto(1), auto(2)]), [
    [0, 0, 600, 0],
    [0, 600, 600, 0],
  ]);
});
