// The main job over raw JSON-RPC on the compiled binary, with a scripted Messages API on loopback and real tools.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { reply, type Step, toolUse, type Turn } from '../fakes/messages-api.ts';
import type { RpcProcess } from '../fakes/rpc-process.ts';
import { host, writtenPid } from './host.ts';

type Entry = Record<string, any>;
type Waited = { completed: Entry[]; failed: Entry[]; pending_permissions: Entry[]; running: Entry[] };

async function wait(server: RpcProcess, args: Record<string, unknown> = {}): Promise<Waited> {
  const result = await server.call('wait', args);
  assert.equal(result['isError'], undefined, JSON.stringify(result['content']));
  assert.deepEqual(JSON.parse(result['content'][0].text), result['structuredContent']);
  return result['structuredContent'];
}

async function spawn(server: RpcProcess, args: Record<string, unknown>): Promise<string> {
  const result = await server.call('spawn_worker', args);
  assert.equal(result['isError'], undefined, JSON.stringify(result['content']));
  return result['content'][0].text;
}

function sorted(entries: readonly Entry[], key: string): string[] {
  return entries.map((entry) => String(entry[key])).toSorted();
}

/** Answers everything with text that names the last prompt. */
const echo = (turn: Turn): Step => `Answer to: ${turn.prompt.split('\n').at(-1)}`;

test('the handshake: a probe before it, the server after it, the six tools, nothing but JSON on stdout', async (t) => {
  const { start } = await host(t, { script: echo });
  const server = await start();
  assert.equal((await server.request('server/discover', {})).error?.code, -32601);
  const { result } = await server.request('tools/list');
  assert.deepEqual(
    result?.['tools'].map((tool: Entry) => tool['name']),
    ['spawn_worker', 'wait', 'resume_worker', 'approve_permission', 'list_workers', 'stop_worker'],
  );
  assert.deepEqual((await server.request('ping')).result, {});
  assert.deepEqual(server.junk, []);
});

const review = 'Review this code:\nasync function processPayment() { /* ... */ }';
const seedSpawns: readonly Record<string, unknown>[] = [
  { description: 'Task 1', prompt: 'Research async patterns in Python' },
  { description: 'Task 2', prompt: 'Find all config files' },
  { description: 'Research', prompt: 'Research Python async', agent_type: 'general-purpose' },
  { description: 'Explore', prompt: 'Find config files', agent_type: 'Explore' },
  {
    description: 'Conservative',
    prompt: 'Generate 5 creative function names for a user authentication service',
    options: { temperature: 0 },
  },
  {
    description: 'Balanced',
    prompt: 'Generate 5 creative function names for a user authentication service',
    options: { temperature: 0.5 },
  },
  {
    description: 'Creative',
    prompt: 'Generate 5 creative function names for a user authentication service',
    options: { temperature: 1 },
  },
  {
    description: 'Focused',
    prompt: 'Generate RESTful endpoint names for a blog platform',
    options: { top_p: 0.1, top_k: 10 },
  },
  {
    description: 'Creative',
    prompt: 'Generate RESTful endpoint names for a blog platform',
    options: { top_p: 0.95, top_k: 100 },
  },
  {
    description: 'Quick design',
    prompt: 'Design a distributed rate-limiting system for a multi-region API',
    options: { thinking: false },
  },
  {
    description: 'Deep design',
    prompt: 'Design a distributed rate-limiting system for a multi-region API',
    options: { thinking: true, max_tokens: 8192 },
  },
  {
    description: 'Security review',
    prompt: review,
    agent_type: 'You are a security auditor. Focus only on vulnerabilities and attack vectors.',
  },
  {
    description: 'Performance review',
    prompt: review,
    agent_type: 'You are a performance engineer. Focus only on optimization opportunities.',
  },
  {
    description: 'UX review',
    prompt: review,
    agent_type: 'You are a UX engineer. Focus only on error handling and user experience.',
  },
  {
    description: 'Comprehensive analysis',
    prompt: 'Design a caching strategy for this API',
    agent_type: 'You are a senior backend architect with expertise in distributed systems',
    options: { model: 'claude-sonnet-4-5', temperature: 0.7, max_tokens: 8192, thinking: true, top_p: 0.9 },
  },
  {
    description: 'Task',
    prompt: 'Instructions',
    agent_type: 'You are a security expert...',
    options: { model: 'claude-haiku-4', temperature: 0.5, max_tokens: 8192, thinking: true, top_p: 0.9, top_k: 50 },
  },
];

test('every spawn of the seeds as written, in one batch: all complete, in logs that tail can read', async (t) => {
  const { start, api } = await host(t, { script: echo });
  const server = await start();
  const ids = await Promise.all(seedSpawns.map((task) => spawn(server, task)));
  const { completed, failed, pending_permissions, running } = await wait(server);
  assert.deepEqual([failed, pending_permissions, running], [[], [], []]);
  assert.deepEqual(sorted(completed, 'worker_id'), ids.toSorted());
  const path = completed.find((entry) => entry['description'] === 'Task 2')?.['conversation_history_file_path'];
  assert.match(path, /logs\/worker-[0-9a-f-]+\.json$/);
  assert.match(execFileSync('tail', ['-20', path], { encoding: 'utf8' }), /Answer to: Find all config files/);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const log = JSON.parse(await readFile(path, 'utf8'));
  assert.deepEqual(Object.keys(log).slice(0, 5), [
    'result',
    'session_id',
    'model',
    'total_cost_usd',
    'permission_denials',
  ]);
  assert.equal(Object.keys(log).at(-1), 'messages');
  api.assertFinished();
});

test('resume twice keeps the whole conversation, also by session_id and after a restart', async (t) => {
  const { start, api } = await host(t, { script: echo });
  const first = await start();
  const id = await spawn(first, { description: 'Research', prompt: 'Explain React hooks in detail' });
  const before = await wait(first);
  await first.call('resume_worker', { worker_id: id, prompt: 'Now show examples with useEffect' });
  assert.match((await wait(first)).completed[0]?.['result_preview'], /Answer to: Now show examples with useEffect/);
  first.child.stdin.end();
  assert.equal((await first.ended()).code, 0);

  const second = await start();
  const session = before.completed[0]?.['session_id'];
  await second.call('resume_worker', { worker_id: session, prompt: 'What are common mistakes beginners make?' });
  const { completed } = await wait(second);
  assert.deepEqual(
    completed.map((entry) => [entry['worker_id'], entry['session_id'], entry['num_turns']]),
    [[id, session, 3]],
  );
  const sent = api.requests.at(-1)?.body as { messages: { role: string; content: unknown }[] };
  assert.deepEqual(
    sent.messages.map((message) => message.role),
    ['user', 'assistant', 'user', 'assistant', 'user'],
  );
  assert.match(JSON.stringify(sent.messages), /Explain React hooks.*Now show examples.*What are common mistakes/s);
  api.assertFinished();
});

test('the permission loop: allowed it writes the file, denied it does not and the model learns why', async (t) => {
  const { start, api, folder } = await host(t, {
    script: (turn) => {
      const [result] = turn.toolResults;
      if (result !== undefined) return result.isError ? `Refused: ${result.text}` : 'Written.';
      const name = /Create a file (\S+)/.exec(turn.prompt)?.[1] ?? 'none';
      return toolUse('Write', { file_path: join(folder, name), content: 'Hello World' });
    },
  });
  const server = await start();
  await spawn(server, { description: 'File creator', prompt: 'Create a file yes.txt' });
  await spawn(server, { description: 'File creator', prompt: 'Create a file no.txt' });
  for (let asked = 0; asked < 2;) {
    const { pending_permissions } = await wait(server);
    for (const { request_id, tool, input } of pending_permissions) {
      assert.deepEqual([tool, input['content']], ['Write', 'Hello World']);
      const allow = String(input['file_path']).endsWith('yes.txt');
      const answer = await server.call('approve_permission', {
        request_id,
        allow,
        reason: allow ? null : 'User denied',
      });
      assert.equal(answer['structuredContent'].status, allow ? 'approved' : 'denied');
      const again = await server.call('approve_permission', { request_id, allow });
      assert.equal(again['isError'], true);
      asked += 1;
    }
  }
  const { completed } = await wait(server);
  const denials = completed.map((entry) => `${entry['result_preview'].slice(0, 7)} ${entry['permission_denials']}`);
  assert.deepEqual(denials.toSorted(), ['Refused 1', 'Written 0']);
  assert.match(completed.find((entry) => entry['permission_denials'] === 1)?.['result_preview'], /User denied/);
  assert.equal(await readFile(join(folder, 'yes.txt'), 'utf8'), 'Hello World');
  assert.equal(existsSync(join(folder, 'no.txt')), false);
  api.assertFinished();
});

test('ten workers whose model takes its time run side by side', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { start, api } = await host(t, {
    script: async () => {
      await gate.promise;
      return 'done';
    },
  });
  const server = await start();
  for (let n = 0; n < 10; n += 1) await spawn(server, { description: `w${n}`, prompt: `p${n}` });
  await api.until((requests) => requests.length === 10); // none is answered yet
  gate.resolve();
  assert.equal((await wait(server)).completed.length, 10);
  assert.equal(api.load.peak, 10);
});

/** A worker that runs a command which outlives the test unless it is ended. */
async function busy(t: test.TestContext) {
  const { start, folder } = await host(t, {
    script: () => toolUse('Bash', { command: 'echo $$ > pid; exec sleep 600' }),
  });
  const server = await start(['--allow', 'Bash', '--allow', 'Edit']);
  await spawn(server, { description: 'd', prompt: 'p' });
  const id = server.startCall('wait', {}, { progressToken: 1 });
  return { server, id, child: await writtenPid(join(folder, 'pid')) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}

const ends: readonly (readonly [string, (server: RpcProcess) => void])[] = [
  ['the end of stdin', (server) => server.child.stdin.end()],
  ['SIGTERM', (server) => server.signal('SIGTERM')],
  ['SIGINT', (server) => server.signal('SIGINT')],
  [
    'a closed stdout',
    (server) => {
      server.child.stdout.destroy();
      server.start('ping');
    },
  ],
];

for (const [name, end] of ends) {
  test(`${name} during a wait ends it with code 0 and its commands with it`, async (t) => {
    const { server, child } = await busy(t);
    assert.ok(isAlive(child));
    end(server);
    assert.equal((await server.ended()).code, 0, server.stderr);
    assert.equal(isAlive(child), false);
    assert.deepEqual(server.junk, []);
  });
}

test('several waits at once, one cancelled and repeated, beside junk lines: nothing is lost', async (t) => {
  const gates = new Map<string, PromiseWithResolvers<void>>(['a', 'b'].map((name) => [name, Promise.withResolvers()]));
  const { start, api } = await host(t, {
    script: async (turn) => {
      const name = turn.prompt.at(-1) ?? '';
      await gates.get(name)?.promise;
      return `result ${name}`;
    },
  });
  const server = await start();
  await spawn(server, { description: 'a', prompt: 'work on a' });
  await spawn(server, { description: 'b', prompt: 'work on b' });
  const cancelled = server.startCall('wait');
  const any = server.startCall('wait', { mode: 'any' });
  const all = server.startCall('wait');
  server.write('this is not JSON\n{"jsonrpc":"2.0"\n[1,2\n');
  server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: cancelled } });
  await api.until((requests) => requests.length === 2);
  gates.get('a')?.resolve();
  const first = (await server.answer(any)).result?.['structuredContent'] as Waited;
  assert.deepEqual(
    [first.completed.map((entry) => entry['description']), first.running.map((entry) => entry['description'])],
    [['a'], ['b']],
  );
  const timed = await wait(server, { timeout_seconds: 0.05 });
  assert.deepEqual([timed.completed.length, timed.running.length], [1, 1]);
  gates.get('b')?.resolve();
  const both = (await server.answer(all)).result?.['structuredContent'] as Waited;
  assert.deepEqual(sorted(both.completed, 'result_preview'), ['result a', 'result b']);
  assert.deepEqual(await wait(server), both);
  assert.equal(server.messages.filter((message) => message.error?.code === -32700).length, 3);
  assert.equal(
    server.messages.some((message) => message.id === cancelled && message.method === undefined),
    false,
  );
});

test('AWORKERS_WAIT_SECONDS bounds every wait', async (t) => {
  const { start } = await host(t, { script: () => reply('late', { firstByteMs: 60_000 }) });
  const server = await start([], { AWORKERS_WAIT_SECONDS: '0.1' });
  await spawn(server, { description: 'd', prompt: 'p' });
  assert.equal((await wait(server, { timeout_seconds: 500 })).running.length, 1);
});

test('bad input is an error that names the thing, and the server goes on', async (t) => {
  const { start, folder } = await host(t, { script: echo });
  const server = await start();
  const task = { description: 'd', prompt: 'p' };
  const cases: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['wait', {}, /spawn_worker/],
    ['spawn_worker', { ...task, promt: 'x' }, /unknown key "promt", did you mean "prompt"/],
    ['spawn_worker', { ...task, options: { temperature: 'hot' } }, /options\.temperature/],
    ['spawn_worker', { ...task, options: { top_k: 0 } }, /options\.top_k/],
    ['spawn_worker', { ...task, options: { cwd: join(folder, 'not-there') } }, /not-there/],
    ['spawn_worker', { ...task, agent_type: './nobody.md' }, /nobody\.md/],
    ['resume_worker', { worker_id: '00000000-0000-4000-8000-000000000000', prompt: 'p' }, /00000000-0000-4000-8000/],
    ['approve_permission', { request_id: 'gone', allow: true }, /gone/],
    ['approve_permission', { request_id: 'gone', allow: 'yes' }, /allow/],
    ['stop_worker', { worker_id: 'nobody' }, /nobody/],
    ['list_workers', { status: 'sleeping' }, /status/],
  ];
  for (const [tool, args, text] of cases) {
    const result = await server.call(tool, args);
    assert.equal(result['isError'], true, `${tool} ${JSON.stringify(args)}`);
    assert.match(result['content'][0].text, text);
  }
  await spawn(server, task);
  assert.equal((await wait(server)).completed.length, 1);
});

test('a logs path that is a file is an error of the spawn that names it', async (t) => {
  const { start, folder } = await host(t, { script: echo });
  await writeFile(join(folder, 'logs'), 'not a folder');
  const server = await start();
  const result = await server.call('spawn_worker', { description: 'd', prompt: 'p' });
  assert.equal(result['isError'], true);
  assert.ok(result['content'][0].text.includes(join(folder, 'logs')), result['content'][0].text);
  assert.deepEqual((await server.request('ping')).result, {});
});

test('messages of 40 MiB are read, of more than 64 MiB refused, prompts of 8 MB run', async (t) => {
  const { start } = await host(t, { script: () => 'read it' });
  const server = await start();
  const answer = await server.call('approve_permission', {
    request_id: 'gone',
    allow: true,
    reason: 'ü'.repeat(20 * 1024 * 1024),
  });
  assert.match(answer['content'][0].text, /gone/);
  const id = server.startCall('approve_permission', { request_id: 'x'.repeat(65 * 1024 * 1024), allow: true });
  const { error } = await server.answer(id);
  assert.match(String(error?.message), /at most 67108864 are read/);
  await spawn(server, { description: 'd', prompt: 'p'.repeat(8_000_000) });
  const { completed, failed } = await wait(server);
  assert.equal(completed.length + failed.length, 1);
  assert.deepEqual((await server.request('ping')).result, {});
});

test('transcripts are resources', async (t) => {
  const { start } = await host(t, { script: echo });
  const server = await start();
  const id = await spawn(server, { description: 'Research', prompt: 'p' });
  await wait(server);
  const { result } = await server.request('resources/list');
  assert.equal(result?.['resources'][0].uri, `worker://${id}`);
  const read = await server.request('resources/read', { uri: `worker://${id}` });
  assert.equal(JSON.parse(read.result?.['contents'][0].text).worker_id, id);
  await server.until((message) => message.method === 'notifications/resources/list_changed');
});
