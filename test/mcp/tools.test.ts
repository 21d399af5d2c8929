// The six tools through the SDK's client, which checks every result against the listed output schema.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { InMemoryManager } from '../fakes/in-memory-manager.ts';
import { connect, textsOf } from './connect.ts';

const golden = fileURLToPath(new URL('../golden/mcp-tools-list.json', import.meta.url));

test('tools/list, the instructions and the server are what was reviewed (UPDATE_GOLDEN=1 rewrites)', async () => {
  const { client } = await connect(new InMemoryManager());
  const seen = {
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    tools: (await client.listTools()).tools,
  };
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${JSON.stringify(seen, undefined, 2)}\n`);
  assert.deepEqual(seen, JSON.parse(readFileSync(golden, 'utf8')));
});

test('instructions and descriptions stay under the 2 kB that hosts keep, and no input schema has a union at its root', async () => {
  const { client } = await connect(new InMemoryManager());
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

test('spawn_worker: first block the bare id, structured the whole, a second block only for notices', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager);
  const plain = await call('spawn_worker', { description: 'd', prompt: 'p' });
  const id = [...manager.workers.keys()][0]!;
  assert.deepEqual(textsOf(plain), [id]);
  assert.deepEqual(plain.structuredContent, {
    worker_id: id,
    session_id: `session-${id}`,
    status: 'running',
    model: 'claude-test',
    conversation_history_file_path: `/logs/worker-${id}.json`,
    notices: [],
  });
  manager.notices = [{ option: 'temperature', requested: 0.5, sent: null, reason: 'The model takes none.' }];
  const noted = await call('spawn_worker', { description: 'd', prompt: 'p' });
  assert.deepEqual(textsOf(noted).slice(1), [JSON.stringify({ notices: manager.notices })]);
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

test('every spawn call of the seeds reaches the manager as written', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager);
  for (const task of seedSpawns) assert.equal((await call('spawn_worker', task)).isError, undefined);
  assert.deepEqual(
    [...manager.workers.values()].map((worker) => worker.task),
    seedSpawns,
  );
});

test('the permission loop of the seeds: wait, allow and deny, wait again', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager);
  const [first, second] = await Promise.all(
    ['a', 'b'].map(async (description) => textsOf(await call('spawn_worker', { description, prompt: 'p' }))[0]!),
  );
  const allowed = manager.ask(first!);
  const denied = manager.ask(second!);
  const pending = await call('wait');
  assert.deepEqual(JSON.parse(textsOf(pending)[0]!), pending.structuredContent);
  assert.deepEqual(
    (pending.structuredContent as { pending_permissions: { request_id: string }[] }).pending_permissions.map(
      (entry) => entry.request_id,
    ),
    [allowed, denied],
  );
  const yes = await call('approve_permission', { request_id: allowed, allow: true, reason: null });
  const no = await call('approve_permission', { request_id: denied, allow: false, reason: 'User denied' });
  assert.deepEqual(
    [yes.structuredContent, no.structuredContent],
    [
      { status: 'approved', request_id: allowed, worker_id: first, tool: 'Bash' },
      { status: 'denied', request_id: denied, worker_id: second, tool: 'Bash' },
    ],
  );
  const again = await call('approve_permission', { request_id: allowed, allow: false });
  assert.deepEqual([again.isError, textsOf(again)], [true, [`Request ${allowed} was approved. Call wait.`]]);
  manager.complete(first!);
  manager.fail(second!, 'max_turns', 'It took 10 turns. Resume it.');
  const { structuredContent } = await call('wait');
  assert.deepEqual(
    Object.entries(structuredContent ?? {}).map(([key, list]) => [key, (list as unknown[]).length]),
    [
      ['completed', 1],
      ['failed', 1],
      ['pending_permissions', 0],
      ['running', 0],
    ],
  );
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
    'spawn_worker: unknown key "agenttype", did you mean "agent_type"?. Correct it and call again.',
  ],
  [
    'spawn_worker',
    { description: 'd', prompt: 'p', options: { temprature: 1 } },
    'spawn_worker: unknown key "options.temprature", did you mean "temperature"?. Correct it and call again.',
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
  ['wait', {}, 'No worker was spawned. Call spawn_worker first.'],
  ['wait', { worker_ids: ['nobody'] }, 'No worker was spawned. Call spawn_worker first.'],
  ['resume_worker', { worker_id: 'nobody', prompt: 'p' }, 'No worker nobody. list_workers shows them.'],
  [
    'approve_permission',
    { request_id: 'r', allow: 'True' },
    'approve_permission: allow: Invalid input: expected boolean, received string. Correct it and call again.',
  ],
  [
    'approve_permission',
    { request_id: 'r', allow: true },
    'No permission request r. wait lists those that are pending.',
  ],
  [
    'stop_worker',
    { worker: 'x' },
    'stop_worker: worker_id: Invalid input: expected string, received undefined; unknown key "worker", did you mean "worker_id"?. Correct it and call again.',
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
  test(`${tool} ${JSON.stringify(input)} is refused in our words`, async () => {
    const { call } = await connect(new InMemoryManager());
    const result = await call(tool, input);
    assert.deepEqual([result.isError, textsOf(result)], [true, [text]]);
  });
}

test('an error text is bounded, however long the input it names', async () => {
  const { call } = await connect(new InMemoryManager());
  const result = await call('spawn_worker', { description: 'd', prompt: 'p', ['k'.repeat(1_000_000)]: 1 });
  assert.equal(result.isError, true);
  assert.ok(JSON.stringify(result).length < 2_500);
});

test('a broken promise of the manager is an error result and a line in the log, not the end of the server', async () => {
  const manager = new InMemoryManager();
  manager.list = () => Promise.reject(new TypeError('x is not a function'));
  const { call, client, logged } = await connect(manager);
  const result = await call('list_workers');
  assert.deepEqual([result.isError, textsOf(result)], [true, ['list_workers failed: x is not a function']]);
  assert.match(logged.join('\n'), /list_workers: TypeError: x is not a function/);
  await client.ping();
});

test('list_workers shows as many as fit, newest first, and counts the rest', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager);
  for (let n = 0; n < 300; n += 1) await manager.spawn({ description: `ü${n}`.repeat(100), prompt: 'p' });
  const result = await call('list_workers');
  const { workers, omitted } = result.structuredContent as { workers: { worker_id: string }[]; omitted: number };
  assert.equal(workers.length + omitted, 300);
  assert.equal(workers[0]?.worker_id, [...manager.workers.keys()].at(-1));
  assert.ok(Buffer.byteLength(textsOf(result)[0]!) <= 10_000);
  assert.ok(workers.length > 25);
});

test('stop_worker returns the summary of a stopped worker', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager);
  const id = textsOf(await call('spawn_worker', { description: 'd', prompt: 'p' }))[0]!;
  assert.equal((await call('stop_worker', { worker_id: id })).structuredContent?.['status'], 'stopped');
  assert.equal(
    (await call('resume_worker', { worker_id: id, prompt: 'go on' })).structuredContent?.['status'],
    'running',
  );
});
