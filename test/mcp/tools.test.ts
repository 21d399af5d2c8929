// The six tools through the SDK's client, which checks every result against the listed output schema.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import { fileURLToPath } from 'node:url';
import { calls, says } from '../fakes/scripted-model.ts';
import { type ManagerWorld, managerWorld } from '../manager/world.ts';
import { connect, textsOf } from './connect.ts';

const golden = fileURLToPath(new URL('../golden/mcp-tools-list.json', import.meta.url));

test('tools/list, the instructions and the server are what was reviewed (UPDATE_GOLDEN=1 rewrites)', async (t) => {
  const { client } = await connect((await managerWorld(t)).manager);
  const seen = {
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    tools: (await client.listTools()).tools,
  };
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${JSON.stringify(seen, undefined, 2)}\n`);
  assert.deepEqual(seen, JSON.parse(readFileSync(golden, 'utf8')));
});

test('instructions and descriptions stay under the 2 kB that hosts keep, and no input schema has a union at its root', async (t) => {
  const { client } = await connect((await managerWorld(t)).manager);
  const { tools } = await client.listTools();
  const texts = [client.getInstructions() ?? '', ...tools.map((tool) => tool.description ?? '')];
  assert.deepEqual(
    texts.map((text) => text.length > 100 && Buffer.byteLength(text) < 2000),
    texts.map(() => true),
  );
  for (const { inputSchema } of tools) {
    assert.equal(inputSchema.type, 'object');
    assert.equal(inputSchema['additionalProperties'], false);
    assert.deepEqual(
      ['anyOf', 'oneOf', 'allOf'].filter((key) => key in inputSchema),
      [],
    );
  }
});

test('spawn_worker: first block the bare id, structured the whole, a second block only for notices', async (t) => {
  const { manager } = await managerWorld(t);
  const { call } = await connect(manager);
  const plain = await call('spawn_worker', { description: 'd', prompt: 'p' });
  const { worker_id, session_id } = plain.structuredContent as Record<string, string>;
  assert.deepEqual(textsOf(plain), [worker_id]);
  assert.match(String(worker_id), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(plain.structuredContent, {
    worker_id,
    session_id,
    status: 'queued',
    model: plain.structuredContent?.['model'],
    conversation_history_file_path: manager.transcriptPath(String(worker_id)),
    notices: [],
  });
  const notices = [{ option: 'temperature', requested: 0.5, sent: null, reason: 'The model takes none.' }];
  const spawn = manager.spawn.bind(manager);
  manager.spawn = async (task) => ({ ...(await spawn(task)), notices });
  const noted = await call('spawn_worker', { description: 'd', prompt: 'p' });
  assert.deepEqual(textsOf(noted).slice(1), [JSON.stringify(notices)]);
});

// Every call of the seeds, as written there.
const seedSpawns: readonly Record<string, unknown>[] = [
  { description: 'Short task name', prompt: 'Detailed instructions', agent_type: 'general-purpose' },
  { description: 'Explore', prompt: 'Find config files', agent_type: 'Explore' },
  { description: 'Compare', prompt: 'Compare approaches' },
  { description: 'Conservative', prompt: 'Generate 5 names', options: { temperature: 0.0 } },
  { description: 'Creative', prompt: 'Generate 5 names', options: { temperature: 1.0 } },
  { description: 'Focused', prompt: 'Names', options: { top_p: 0.1, top_k: 10 } },
  { description: 'Quick design', prompt: 'Design', options: { thinking: false } },
  { description: 'Deep design', prompt: 'Design', options: { thinking: true, max_tokens: 8192 } },
  {
    description: 'Security review',
    prompt: 'Review:\nx',
    agent_type: 'You are a security auditor. Focus only on vulnerabilities.',
  },
  {
    description: 'Comprehensive analysis',
    prompt: 'Design a caching strategy for this API',
    agent_type: 'You are a senior backend architect',
    options: { model: 'claude-sonnet-4-5', temperature: 0.7, max_tokens: 8192, thinking: true, top_p: 0.9 },
  },
  {
    description: 'Task',
    prompt: 'Instructions',
    options: { model: 'claude-haiku-4', temperature: 0.5, max_tokens: 8192, thinking: true, top_p: 0.9, top_k: 50 },
  },
];

test('every spawn call of the seeds reaches the worker as written', async (t) => {
  const { manager } = await managerWorld(t);
  const tasks: unknown[] = [];
  const spawn = manager.spawn.bind(manager);
  manager.spawn = (task) => {
    tasks.push(task);
    return spawn(task);
  };
  const { call } = await connect(manager);
  for (const task of seedSpawns) assert.equal((await call('spawn_worker', task)).isError, undefined);
  assert.deepEqual(tasks, seedSpawns);
});

/** Spawns a worker that asks to make something. */
async function asking(world: ManagerWorld, call: Awaited<ReturnType<typeof connect>>['call'], prompt: string) {
  const worker = textsOf(await call('spawn_worker', { description: prompt, prompt }))[0]!;
  (await world.asked(prompt)).answer(calls([`use_${prompt}`, 'Make', { what: prompt }]));
  return worker;
}

test('the permission loop of the seeds: wait, allow and deny, wait again, resume twice', async (t) => {
  const world = await managerWorld(t);
  const { call } = await connect(world.manager);
  const first = await asking(world, call, 'a');
  const second = await asking(world, call, 'b');
  const pending = await call('wait');
  assert.deepEqual(JSON.parse(textsOf(pending)[0]!), pending.structuredContent);
  const { pending_permissions } = pending.structuredContent as Record<string, Record<string, string>[]>;
  assert.deepEqual(
    pending_permissions?.map((entry) => [entry['worker_id'], entry['tool'], entry['input'], entry['reason']]),
    [
      [first, 'Make', { what: 'a' }, 'it changes things'],
      [second, 'Make', { what: 'b' }, 'it changes things'],
    ],
  );
  const [allowed, denied] = pending_permissions?.map((entry) => entry['request_id']) ?? [];
  const yes = await call('approve_permission', { request_id: allowed, allow: true, reason: null });
  const no = await call('approve_permission', { request_id: denied, allow: false, reason: 'User denied' });
  assert.deepEqual(
    [yes.structuredContent, no.structuredContent],
    [
      { status: 'approved', request_id: allowed, worker_id: first, tool: 'Make' },
      { status: 'denied', request_id: denied, worker_id: second, tool: 'Make' },
    ],
  );
  const again = await call('approve_permission', { request_id: allowed, allow: false });
  assert.equal(again.isError, true);
  assert.match(textsOf(again)[0]!, /already approved/);
  (await world.asked('a')).answer(says('made'));
  (await world.asked('b')).answer({
    type: 'failed',
    error_type: 'overloaded_error',
    error_hint: 'The API is overloaded. Resume it later.',
    fleet: false,
  });
  const { completed, failed } = (await call('wait')).structuredContent as Record<string, Record<string, unknown>[]>;
  assert.deepEqual(
    completed?.map((entry) => [entry['worker_id'], entry['result_preview']]),
    [[first, 'made']],
  );
  assert.deepEqual(
    failed?.map((entry) => [entry['worker_id'], entry['error_type'], entry['error_hint'], entry['permission_denials']]),
    [[second, 'overloaded_error', 'The API is overloaded. Resume it later.', 1]],
  );
  for (const prompt of ['Now show examples', 'What are common mistakes?']) {
    const resumed = await call('resume_worker', { worker_id: first, prompt });
    assert.deepEqual(textsOf(resumed), [JSON.stringify(resumed.structuredContent)]);
    (await world.asked('a')).answer(says(`answer to ${prompt}`));
    const result = (await call('wait')).structuredContent as Record<string, Record<string, unknown>[]>;
    assert.deepEqual(
      result['completed']?.map((entry) => entry['result_preview']),
      [`answer to ${prompt}`],
    );
  }
});

const refusals: readonly (readonly [string, Record<string, unknown>, string])[] = [
  [
    'spawn_worker',
    {},
    'spawn_worker: description: Invalid input: expected string, received undefined; prompt: Invalid input: expected string, received undefined. Correct it and call again.',
  ],
  [
    'spawn_worker',
    { description: 'd', prompt: 'p', agenttype: 'x' },
    'spawn_worker: unknown key "agenttype", did you mean "agent_type"? Correct it and call again.',
  ],
  [
    'spawn_worker',
    { description: 'd', prompt: 'p', options: { temprature: 1 } },
    'spawn_worker: unknown key "options.temprature", did you mean "temperature"? Correct it and call again.',
  ],
  [
    'spawn_worker',
    { description: 'd', prompt: 'p', options: { temperature: 1.5 } },
    'spawn_worker: options.temperature: Too big: expected number to be <=1. Correct it and call again.',
  ],
  [
    'spawn_worker',
    { description: 'd', prompt: 'p', options: { thinking: { budget_tokens: 5 } } },
    'spawn_worker: options.thinking.budget_tokens: must be at least 1024. Correct it and call again.',
  ],
  ['wait', { mode: 'some' }, 'wait: mode: Invalid option: expected one of "all"|"any". Correct it and call again.'],
  [
    'wait',
    { timeout: 5 },
    'wait: unknown key "timeout" (known: worker_ids, mode, timeout_seconds, include_results). Correct it and call again.',
  ],
  ['wait', {}, 'There is no worker to wait for. Call spawn_worker first, then wait.'],
  [
    'approve_permission',
    { request_id: 'r', allow: 'True' },
    'approve_permission: allow: Invalid input: expected boolean, received string. Correct it and call again.',
  ],
  [
    'stop_worker',
    { worker: 'x' },
    'stop_worker: worker_id: Invalid input: expected string, received undefined; unknown key "worker", did you mean "worker_id"? Correct it and call again.',
  ],
  [
    'list_workers',
    { status: 'done' },
    'list_workers: status: Invalid option: expected one of "queued"|"running"|"awaiting_permission"|"completed"|"failed"|"stopped"|"interrupted". Correct it and call again.',
  ],
  [
    'spawn_workers',
    {},
    'Unknown tool "spawn_workers", did you mean "spawn_worker"? Known: spawn_worker, wait, resume_worker, approve_permission, list_workers, stop_worker.',
  ],
];

for (const [tool, input, text] of refusals) {
  test(`${tool} ${JSON.stringify(input)} is refused in our words`, async (t) => {
    const { call } = await connect((await managerWorld(t)).manager);
    const result = await call(tool, input);
    assert.deepEqual([result.isError, textsOf(result)], [true, [text]]);
  });
}

const unknownIds: readonly (readonly [string, Record<string, unknown>])[] = [
  ['wait', { worker_ids: ['nobody'] }],
  ['resume_worker', { worker_id: 'nobody', prompt: 'p' }],
  ['stop_worker', { worker_id: 'nobody' }],
  ['approve_permission', { request_id: 'nobody', allow: true }],
];

for (const [tool, input] of unknownIds) {
  test(`${tool} with an unknown id is an error that names it`, async (t) => {
    const { call } = await connect((await managerWorld(t)).manager);
    const result = await call(tool, input);
    assert.equal(result.isError, true);
    assert.match(textsOf(result)[0]!, /nobody/);
  });
}

test('an error text is bounded, however long the input it names', async (t) => {
  const { call } = await connect((await managerWorld(t)).manager);
  const result = await call('spawn_worker', { description: 'd', prompt: 'p', ['k'.repeat(1_000_000)]: 1 });
  assert.equal(result.isError, true);
  assert.ok(JSON.stringify(result).length < 2_500);
});

test('a broken promise of the manager is an error result and a line in the log, not the end of the server', async (t) => {
  const { manager } = await managerWorld(t);
  manager.list = () => Promise.reject(new TypeError('x is not a function'));
  const { call, client, logged } = await connect(manager);
  const result = await call('list_workers');
  assert.deepEqual([result.isError, textsOf(result)], [true, ['list_workers failed: x is not a function']]);
  assert.match(logged.join('\n'), /list_workers: TypeError: x is not a function/);
  await client.ping();
});

test("the manager is opened by the first call; one that cannot be opened is that call's error, and the next tries again", async (t) => {
  const { manager } = await managerWorld(t);
  const asked: string[] = [];
  const open = () => {
    asked.push('open');
    if (asked.length > 1) return Promise.resolve(manager);
    return Promise.reject(new AworkersError('io', 'The logs cannot be opened.', 'Look at the disk.'));
  };
  const { call, client } = await connect(open);
  await client.ping();
  await client.listResourceTemplates();
  assert.deepEqual(asked, []);
  const refused = await call('list_workers');
  assert.deepEqual([refused.isError, textsOf(refused)], [true, ['The logs cannot be opened. Look at the disk.']]);
  assert.deepEqual((await call('list_workers')).structuredContent, { workers: [] });
});

test('list_workers shows as many as fit and counts the rest', async (t) => {
  const { manager } = await managerWorld(t);
  const { call } = await connect(manager);
  for (let n = 0; n < 60; n += 1) await manager.spawn({ description: `ü${n}`.repeat(100), prompt: 'p' });
  const all = await manager.list();
  const result = await call('list_workers');
  const { workers, omitted } = result.structuredContent as { workers: { worker_id: string }[]; omitted: number };
  assert.deepEqual(
    workers.map((worker) => worker.worker_id),
    all.slice(0, 60 - omitted).map((worker) => worker.worker_id),
  );
  assert.ok(Buffer.byteLength(textsOf(result)[0]!) <= 10_000);
  assert.ok(workers.length > 25 && omitted > 0);
});

test('stop_worker returns the summary of a stopped worker, which can be resumed', async (t) => {
  const { manager } = await managerWorld(t);
  const { call } = await connect(manager);
  const worker_id = textsOf(await call('spawn_worker', { description: 'd', prompt: 'p' }))[0]!;
  assert.equal((await call('stop_worker', { worker_id })).structuredContent?.['status'], 'stopped');
  const resumed = await call('resume_worker', { worker_id, prompt: 'go on' });
  assert.equal(resumed.structuredContent?.['worker_id'], worker_id);
  const busy = await call('resume_worker', { worker_id, prompt: 'again' });
  assert.equal(busy.isError, true);
});
