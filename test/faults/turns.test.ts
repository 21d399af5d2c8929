// Whole workers through hard turns, against the strict API: whatever a reply holds goes back in a form that is accepted.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import {
  findModel,
  modelTable,
  pauseTurn,
  rawBlock,
  redactedThinking,
  refusal,
  reply,
  serverToolResult,
  serverToolUse,
  silence,
  stall,
  text,
  thinking,
  toolUse,
  type Turn,
} from '../fakes/messages-api.ts';
import { fastClock } from '../model/wire.ts';
import { faultWorld } from './world.ts';

test('thinking, text, calls, redacted thinking, blocks that nobody knows and citations, interleaved over three turns', async (t) => {
  const { run, folder, api } = await faultWorld(t, {
    script: ({ replies }: Turn) => {
      if (replies === 2)
        return reply([thinking('at last'), text('It says so.', { citations: [{ type: 'char_location' }] })]);
      const read = toolUse('Read', { file_path: join(folder, 'a.txt') });
      return reply([thinking(''), 'Looking.', redactedThinking(), rawBlock({ type: 'block_of_2031', x: [1] }), read]);
    },
  });
  await writeFile(join(folder, 'a.txt'), 'so');
  const { completed, failed } = await run('Look', { model: 'claude-fable-5-2' });
  assert.deepEqual([failed, completed[0]?.result], [[], 'It says so.']);
  api.assertFinished();
});

test('four calls in one turn: allowed, denied, failing, timed out: four results in call order, in one message', async (t) => {
  const { spawn, manager, folder, api } = await faultWorld(t, {
    script: ({ replies, toolResults }: Turn) =>
      replies > 0
        ? reply(toolResults.map(({ tool, isError }) => `${tool} ${isError}`).join(', '))
        : reply([
            toolUse('Bash', { command: 'echo fine' }),
            toolUse('Edit', { file_path: join(folder, 'a.txt'), old_string: 'a', new_string: 'b' }),
            toolUse('Read', { file_path: join(folder, 'missing.txt') }),
            toolUse('Bash', { command: 'sleep 30', timeout: 100 }),
          ]),
  });
  await writeFile(join(folder, 'a.txt'), 'a');
  const id = await spawn('four');
  const { pending_permissions } = await manager.wait({});
  assert.deepEqual(
    pending_permissions.map(({ tool }) => tool),
    ['Edit'],
  );
  await manager.approve({ request_id: pending_permissions[0]!.request_id, allow: false, reason: 'not now' });
  const { completed } = await manager.wait({ include_results: true });
  assert.equal(completed[0]?.result, 'Bash false, Edit true, Read true, Bash true');
  const last = (api.requests.at(-1)!.body as { messages: { role: string; content: { type: string }[] }[] }).messages.at(
    -1,
  );
  assert.deepEqual(
    last?.content.map(({ type }) => type),
    Array(4).fill('tool_result'),
  );
  assert.equal((await manager.read(id)).permission_denials.length, 1);
});

test('a server tool that pauses, then answers beside a client tool, goes back whole', async (t) => {
  const { run, folder, api } = await faultWorld(t, {
    script: ({ requests }: Turn) => {
      const use = serverToolUse('web_search', { query: 'x' }, 'srvtoolu_1');
      if (requests === 1) return pauseTurn([use]);
      if (requests > 2) return reply('found');
      const result = serverToolResult('web_search', 'srvtoolu_1', []);
      return reply([result, toolUse('Read', { file_path: join(folder, 'a.txt') })]);
    },
  });
  await writeFile(join(folder, 'a.txt'), 'a');
  const { completed, failed } = await run('search', { model: 'claude-sonnet-4-6' });
  assert.deepEqual([failed, completed[0]?.result], [[], 'found']);
  api.assertFinished();
});

test('a refusal keeps nothing of its output; a resume goes on from before it', async (t) => {
  const { run, manager, api } = await faultWorld(t, {
    script: ({ prompt }: Turn) => (prompt.includes('kindly') ? reply('gladly') : refusal('cyber', ['half an ans'])),
  });
  const { failed } = await run('do');
  assert.equal(failed[0]?.error_type, 'refusal');
  await manager.resume({ worker_id: failed[0].worker_id, prompt: 'kindly' });
  const { completed } = await manager.wait({ include_results: true });
  assert.equal(completed[0]?.result, 'gladly');
  assert.doesNotMatch(JSON.stringify(api.requests.at(-1)?.body), /half an ans/);
  api.assertFinished();
});

test('a call that is cut by max_tokens is never run; asked for again with more room it is', async (t) => {
  const { run, of } = await faultWorld(t, {
    script: ({ requests, replies, call }: Turn) => {
      if (requests === 1)
        return reply(toolUse('Bash', {}, { rawInput: '{"command":"touch cu' }), { stopReason: 'max_tokens' });
      return replies === 0 ? toolUse('Bash', { command: 'true' }) : reply(`with ${call.body.max_tokens}`);
    },
  });
  const { completed } = await run('go', { max_tokens: 1000 });
  assert.deepEqual([completed[0]?.result, of('tool.started').length], ['with 1000', 1]);
});

test('max_tokens inside thinking: no text, a hint, and a resume that the API takes', async (t) => {
  const { run, manager, api } = await faultWorld(t, {
    script: ({ requests }: Turn) =>
      requests === 1 ? reply([thinking('for ever')], { stopReason: 'max_tokens' }) : reply('done'),
  });
  const { failed } = await run('think', { max_tokens: 2000 });
  assert.deepEqual([failed[0]?.error_type, failed[0]?.result], ['max_tokens', '']);
  await manager.resume({ worker_id: failed[0]!.worker_id, prompt: 'shorter' });
  assert.equal((await manager.wait({})).completed.length, 1);
  api.assertFinished();
});

test('a budget that is reached in mid-turn: the turn is finished, then it stops, and a resume goes on', async (t) => {
  const { run, manager, of, api } = await faultWorld(t, {
    script: ({ replies }: Turn) => (replies < 2 ? toolUse('Bash', { command: 'true' }) : reply('done')),
  });
  const { failed } = await run('spend', { max_cost_usd: 0.000_001 });
  assert.equal(failed[0]?.error_type, 'max_cost');
  assert.deepEqual([of('model.replied').length, of('tool.finished').length], [1, 1]);
  await manager.resume({ worker_id: failed[0].worker_id, prompt: 'on', options: { max_cost_usd: 5 } });
  assert.equal((await manager.wait({})).completed.length, 1);
  api.assertFinished();
});

test('a resume with another model keeps every block; the API takes the conversation', async (t) => {
  const { run, manager, api } = await faultWorld(t, {
    script: ({ replies, model }: Turn) =>
      replies === 0 ? reply([thinking('hm'), toolUse('Bash', { command: 'true' })]) : reply([thinking('so'), model]),
  });
  const { completed } = await run('one', { model: 'claude-sonnet-5-5' });
  const { worker_id } = completed[0]!;
  for (const model of ['claude-opus-5-5', 'claude-fable-5-2', 'claude-haiku-4-5']) {
    await manager.resume({ worker_id, prompt: `now ${model}`, options: { model } });
    const resumed = await manager.wait({ worker_ids: [worker_id], include_results: true });
    assert.equal(resumed.completed[0]?.result, model, JSON.stringify(resumed.failed));
  }
  const kept = (await manager.read(worker_id)).history.messages.flatMap(({ content }) => content as { type: string }[]);
  assert.equal(kept.filter(({ type }) => type === 'thinking').length, 5);
  api.assertFinished();
});

test('usage: cumulative frames, nulls, no cache fields at all: tokens are counted once, and an unknown cost is null', async (t) => {
  const usage = { cache_creation: null, cache_creation_input_tokens: undefined, cache_read_input_tokens: null };
  const { run, manager, of } = await faultWorld(t, {
    models: [...modelTable, { ...findModel(modelTable, 'claude-haiku-4-5')!, id: 'local-model', also: [] }],
    script: () => reply('done', { usage: { ...usage, input_tokens: 7, output_tokens: 5 }, wire: { usageFrames: 4 } }),
  });
  const { completed } = await run('count', { model: 'local-model' });
  const { usage: counted } = await manager.read(completed[0]!.worker_id);
  assert.deepEqual([counted.input_tokens, counted.output_tokens, completed[0]?.total_cost_usd], [7, 5, null]);
  assert.equal(of('model.replied').length, 1);
});

test('a silent start and a silent stream are given up; a slow first byte and a slow reply are waited for', async (t) => {
  const { run, of, api } = await faultWorld(
    t,
    {
      script: ({ requests }: Turn) => {
        if (requests === 1) return silence(reply('never'));
        if (requests === 2) return stall(reply('never'));
        return reply('slow but sure', { firstByteMs: 50, deltaMs: 1 });
      },
    },
    { clock: fastClock(20), silence: { firstByteMs: 10_000, idleMs: 8_000 } },
  );
  const { completed } = await run('patience');
  assert.equal(completed[0]?.result, 'slow but sure');
  assert.deepEqual(
    of('model.retried').map(({ error_type }) => error_type),
    ['timeout_error', 'timeout_error'],
  );
  assert.equal(api.requests.length, 3);
});

test('an unknown model is refused by the API with advice; a gateway that knows only its own id serves it as typed', async (t) => {
  const own = { ...findModel(modelTable, 'claude-haiku-4-5')!, id: 'gateway-model', also: [] };
  const { run } = await faultWorld(t, { models: [own], script: () => 'served', refusalsExpected: true });
  const { failed } = await run('a', { model: 'claude-of-2031' });
  assert.equal(failed[0]?.error_type, 'not_found_error');
  assert.match(failed[0].error_hint, /model: claude-of-2031.*aworkers models/);
  const { completed } = await run('b', { model: 'gateway-model' });
  assert.equal(completed[0]?.result, 'served');
});

test('two workers with the same prompt have requests, replies and logs of their own', async (t) => {
  const { spawn, manager, of, api } = await faultWorld(t, { script: () => 'same' });
  const ids = await Promise.all([spawn('same'), spawn('same')]);
  const { completed } = await manager.wait({});
  assert.deepEqual(completed.map(({ worker_id }) => worker_id).toSorted(), ids.toSorted());
  assert.equal(new Set(of('model.replied').map(({ request_id }) => request_id)).size, 2);
  assert.equal(api.requests.length, 2);
});

test('a stop in the stream, in the backoff and in a tool: at once, every call answered, and each can go on', async (t) => {
  const clock = fastClock(1);
  const { spawn, manager, api, of } = await faultWorld(
    t,
    {
      script: ({ conversation, prompt }: Turn) => {
        if (prompt.includes('go on')) return reply('went on');
        if (conversation.includes('in the stream')) return stall(reply('half'));
        if (conversation.includes('in the backoff')) return stall(reply('x'), undefined, 0);
        return toolUse('Bash', { command: 'touch here; sleep 600' });
      },
    },
    { clock, silence: { firstByteMs: 200, idleMs: 60_000 } },
  );
  const ids = [await spawn('in the stream'), await spawn('in the backoff'), await spawn('in a tool')];
  await api.until((requests) => requests.length >= 3);
  while (of('model.retried').length === 0 || of('tool.started').length === 0) await clock.sleep(5);
  for (const id of ids) assert.equal((await manager.stop(id)).status, 'stopped');
  for (const worker_id of ids) await manager.resume({ worker_id, prompt: 'go on' });
  const { completed, failed } = await manager.wait({ include_results: true });
  assert.deepEqual([completed.map(({ result }) => result), failed], [Array(3).fill('went on'), []]);
});
