// Options end to end on the compiled binary, against an API that refuses what the real one refuses: notices where a caller
// looks, nothing sent when strict refuses, a shared prefix written once, and a cost that can be checked by hand.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { reply, type Script, text, thinking, toolUse } from '../fakes/messages-api.ts';
import type { RpcProcess } from '../fakes/rpc-process.ts';
import { host } from './host.ts';

type Log = { readonly [key: string]: any };

const structured = async (server: RpcProcess, name: string, input: Record<string, unknown>): Promise<Log> =>
  (await server.call(name, input))['structuredContent'] as Log;

async function logsOf(completed: readonly Log[]): Promise<Log[]> {
  return Promise.all(
    completed.map(async (entry) => JSON.parse(await readFile(entry['conversation_history_file_path'], 'utf8')) as Log),
  );
}

const changed = (notices: readonly Log[]) => notices.map(({ option, requested, sent }) => [option, requested, sent]);

test('both option examples of the seeds run to the end, with a notice for every change, in the answer and in the log', async (t) => {
  const { start, api } = await host(t, { script: () => 'Done.' });
  const server = await start();
  const advanced = await structured(server, 'spawn_worker', {
    description: 'Task',
    prompt: 'Instructions',
    agent_type: 'general-purpose',
    options: { model: 'claude-haiku-4', temperature: 0.5, max_tokens: 8192, thinking: true, top_p: 0.9, top_k: 50 },
  });
  const combined = await structured(server, 'spawn_worker', {
    description: 'Comprehensive analysis',
    prompt: 'Design a caching strategy for this API',
    agent_type: 'You are a senior backend architect with expertise in distributed systems',
    options: { model: 'claude-sonnet-4-5', temperature: 0.7, max_tokens: 8192, thinking: true, top_p: 0.9 },
  });
  assert.equal(advanced['model'], 'claude-haiku-4-5');
  assert.deepEqual(changed(advanced['notices']), [
    ['model', 'claude-haiku-4', 'claude-haiku-4-5'],
    ['temperature', 0.5, null],
    ['top_p', 0.9, null],
    ['top_k', 50, null],
  ]);
  assert.deepEqual(
    changed(combined['notices']).filter(([option]) => option !== 'model'),
    [
      ['temperature', 0.7, null],
      ['top_p', 0.9, null],
    ],
  );
  const { completed } = await structured(server, 'wait', {});
  const logs = await logsOf(completed);
  assert.deepEqual(
    logs.map((log) => [log['worker_id'], log['result'], log['notices']]).toSorted(),
    [advanced, combined].map((spawned) => [spawned['worker_id'], 'Done.', spawned['notices']]).toSorted(),
  );
  for (const request of api.requests) {
    const { thinking: sent, max_tokens } = request.body as { thinking: { type: string }; max_tokens: number };
    assert.deepEqual([sent.type, max_tokens], ['enabled', 8192]);
    assert.equal(request.headers['anthropic-version'], '2023-06-01');
  }
  api.assertFinished();
});

test('a temperature sweep arrives natively, and a resume keeps the API version', async (t) => {
  const { start, api } = await host(t, { script: () => 'Names.' });
  const server = await start();
  for (const temperature of [0, 0.5, 1]) {
    await server.call('spawn_worker', { description: `t ${temperature}`, prompt: 'Names', options: { temperature } });
  }
  const { completed } = await structured(server, 'wait', {});
  await server.call('resume_worker', { worker_id: completed[0]['worker_id'], prompt: 'More' });
  await structured(server, 'wait', {});
  const sent = api.requests.map(({ body, headers }) => {
    const { model, temperature } = body as { model: string; temperature: number };
    return [model, temperature, headers['anthropic-version']];
  });
  assert.deepEqual(sent.slice(0, 3).toSorted(), [
    ['claude-sonnet-4-6', 0, '2023-06-01'],
    ['claude-sonnet-4-6', 0.5, '2023-06-01'],
    ['claude-sonnet-4-6', 1, '2023-06-01'],
  ]);
  assert.deepEqual(sent[3]?.slice(0, 1), ['claude-sonnet-4-6']);
  assert.equal(sent[3]?.[2], '2023-06-01');
});

test('strict refuses with the rule and the models that would accept, and sends nothing', async (t) => {
  const { start, api } = await host(t, { script: () => 'Never.' });
  const server = await start();
  const refused = await server.call('spawn_worker', {
    description: 'Strict',
    prompt: 'x',
    options: { model: 'claude-opus-5-5', temperature: 0.3, strict: true },
  });
  assert.equal(refused['isError'], true);
  assert.match(refused['content'][0].text, /temperature 0\.3.*claude-sonnet-4-6/s);
  assert.equal(api.requests.length, 0);
});

test('eight workers with one long role: its prefix is written once and read seven times', async (t) => {
  const script: Script = ({ replies }) =>
    replies < 3 ? reply(toolUse('Glob', { pattern: `*.${replies}` }), { firstByteMs: 50 }) : reply('Done.', {});
  const { start, api } = await host(t, { script });
  const server = await start();
  const role = `You are a reviewer. ${'Follow the house rules of this project with care and name the evidence. '.repeat(220)}`;
  for (let index = 0; index < 8; index += 1) {
    await server.call('spawn_worker', { description: `w${index}`, prompt: `Part ${index}`, agent_type: role });
  }
  const { completed } = await structured(server, 'wait', {});
  const logs = await logsOf(completed);
  assert.equal(logs.length, 8);
  const first = await Promise.all(
    completed.map(async (entry: Log) => {
      const journal = (entry['conversation_history_file_path'] as string).replace(/json$/, 'jsonl');
      const lines = (await readFile(journal, 'utf8')).trim().split('\n');
      return lines.map((line) => JSON.parse(line) as Log).filter((event) => event['type'] === 'model.replied');
    }),
  );
  const wrote = first.filter(([opening]) => opening?.['usage'].cache_read_input_tokens === 0);
  assert.equal(wrote.length, 1, 'one worker wrote the shared prefix, the others read it');
  for (const reply of first.flatMap((replies) => replies.slice(1))) {
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = reply['usage'];
    const share = cache_read_input_tokens / (input_tokens + cache_creation_input_tokens + cache_read_input_tokens);
    assert.ok(share > 0.9, `read ${Math.round(share * 100)}% of a later prompt from the cache`);
  }
  api.assertFinished();
});

test('the cost is the sum of its parts to a millionth of a dollar: writes, reads, thinking, two models', async (t) => {
  const usage = {
    input_tokens: 1_234,
    output_tokens: 567,
    cache_creation_input_tokens: 3_000,
    cache_read_input_tokens: 40_000,
    cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
  };
  const { start } = await host(t, {
    script: () => reply([thinking('Let me see.'), text('Done.')], { usage }),
  });
  const server = await start();
  const options = [{ model: 'claude-opus-5', thinking: true }, { model: 'claude-sonnet-5-5' }];
  for (const each of options)
    await server.call('spawn_worker', { description: each.model, prompt: 'x', options: each });
  const { completed } = await structured(server, 'wait', {});
  const costs = Object.fromEntries(completed.map((entry: Log) => [entry['model'], entry['total_cost_usd']]));
  // dollars per million tokens: input, 5 minute write, 1 hour write, read, output
  const opus = 1_234 * 5 + 1_000 * 6.25 + 2_000 * 10 + 40_000 * 0.5 + 567 * 25;
  const sonnet = 1_234 * 2 + 1_000 * 2.5 + 2_000 * 4 + 40_000 * 0.1 + 567 * 10;
  assert.ok(Math.abs(costs['claude-opus-5'] - opus / 1e6) < 1e-9, `${costs['claude-opus-5']}`);
  assert.ok(Math.abs(costs['claude-sonnet-5-5'] - sonnet / 1e6) < 1e-9, `${costs['claude-sonnet-5-5']}`);
  const { workers } = await structured(server, 'list_workers', {});
  const listed = workers.reduce((sum: number, worker: Log) => sum + worker['total_cost_usd'], 0);
  assert.ok(Math.abs(listed - (opus + sonnet) / 1e6) < 1e-9);
});

test('limits end a worker as failed with its work kept; an output schema is repaired and lands in the log', async (t) => {
  const { start, folder } = await host(t, {
    conversations: {
      Loop: () => reply([text('Looking.'), toolUse('Glob', { pattern: '*' })]),
      Shape: ({ replies }) => (replies === 0 ? 'no json' : '{"n": 3}'),
    },
  });
  const server = await start();
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  };
  await server.call('spawn_worker', { description: 'turns', prompt: 'Loop', options: { max_turns: 2 } });
  await server.call('spawn_worker', {
    description: 'cost',
    prompt: 'Loop again',
    options: { max_cost_usd: 0.000001 },
  });
  await server.call('spawn_worker', {
    description: 'shape',
    prompt: 'Shape',
    options: { model: 'claude-haiku-4-5', output_schema: schema, cwd: folder },
  });
  const { completed, failed } = await structured(server, 'wait', {});
  assert.deepEqual(
    failed.map((entry: Log) => [entry['description'], entry['error_type'], entry['num_turns']]).toSorted(),
    [
      ['cost', 'max_cost', 1],
      ['turns', 'max_turns', 2],
    ],
  );
  const [log] = await logsOf(completed);
  assert.deepEqual([log?.['result'], log?.['structured_output'], log?.['num_turns']], ['{"n": 3}', { n: 3 }, 2]);
  const [kept] = await logsOf(failed);
  assert.equal(kept?.['result'], 'Looking.');
});

test('agent files: by name, options of the call over the file, errors with file and line', async (t) => {
  const { start, folder, api } = await host(t, { script: () => 'Reviewed.' });
  const { mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(join(folder, '.claude/agents'), { recursive: true });
  const front =
    '---\r\nname: reviewer\r\ndescription: Reviews\r\ntools: Read, Grep\r\nmodel: sonnet\r\nmax_tokens: 4000\r\n---\r\n';
  await writeFile(join(folder, '.claude/agents/reviewer.md'), `\uFEFF${front}You review.\r\n`);
  await writeFile(join(folder, '.claude/agents/broken.md'), '---\nname: broken\ntools: [Read\n---\nX');
  const server = await start();
  await server.call('spawn_worker', {
    description: 'a',
    prompt: 'x',
    agent_type: 'reviewer',
    options: { max_tokens: 100 },
  });
  await structured(server, 'wait', {});
  const { model, max_tokens, tools } = api.requests[0]!.body as {
    model: string;
    max_tokens: number;
    tools: Log[];
  };
  assert.deepEqual([model, max_tokens, tools.map(({ name }) => name)], ['claude-sonnet-5-5', 100, ['Grep', 'Read']]);
  const broken = await server.call('spawn_worker', {
    description: 'b',
    prompt: 'x',
    agent_type: '.claude/agents/broken.md',
  });
  assert.match(broken['content'][0].text, /broken\.md:\d+/);
  const unknown = await server.call('spawn_worker', { description: 'c', prompt: 'x', agent_type: 'reviewr' });
  assert.match(unknown['content'][0].text, /reviewer/);
});
