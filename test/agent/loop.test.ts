// The loop through its door: whole event sequences for every stop reason, every fate of a tool use, every limit.
import assert from 'node:assert/strict';
import test from 'node:test';
import { runAgent } from '../../src/agent/loop.ts';
import { settleUnfinished } from '../../src/agent/settle.ts';
import { noUsage } from '../../src/contract/usage.ts';
import { calls, says } from '../fakes/scripted-model.ts';
import { type Given, outline, worldOf } from './world.ts';

const denial = (tool: string, reason: string) =>
  `Permission to use ${tool} was denied. Reason: ${reason}\nDo not repeat this call. Find another way within what is allowed, or report what you could not do.`;

type Case = { readonly name: string; readonly given: Given; readonly outline: readonly string[] };

const cut = {
  stop_reason: 'max_tokens',
  content: [{ type: 'tool_use', id: 't1', name: 'Make', input: { what: 'a' } }],
};
const cutHint =
  'This call was cut off by the output limit and was not run. Make a smaller call, or split the work into several.';

const failure = { type: 'failed', error_type: 'api_error', error_hint: 'h', fleet: false } as const;

const repair =
  'user: Your last message does not satisfy the required JSON Schema:\n- a: missing\nReply with the corrected JSON value alone, complete, without prose or code fence.';

const cases: readonly Case[] = [
  {
    name: 'a text ends the worker',
    given: { replies: [says('hello')] },
    outline: ['replied end_turn', 'completed: hello'],
  },
  {
    name: 'a stop sequence ends the worker',
    given: { replies: [{ ...says('hello'), stop_reason: 'stop_sequence' }] },
    outline: ['replied stop_sequence', 'completed: hello'],
  },
  {
    name: 'an allowed tool runs between its two events',
    given: { replies: [calls(['t1', 'Make', { what: 'x' }]), says('done')] },
    outline: ['replied tool_use', 'started t1', 'result t1: made x', 'replied end_turn', 'completed: done'],
  },
  {
    name: 'an empty output is said',
    given: { replies: [calls(['t1', 'Make', { what: 'nothing' }]), says('done')] },
    outline: ['replied tool_use', 'started t1', 'result t1: (no output)', 'replied end_turn', 'completed: done'],
  },
  {
    name: 'a throwing, an unknown and a malformed call are error results, not the end',
    given: {
      replies: [
        calls(
          ['t1', 'Fail', { what: 'x' }],
          ['t2', 'Mak', { what: 'x' }],
          ['t3', 'Make', { whta: 'x' }],
          ['t4', 'Make', { __invalid_json: '{"wh' }],
        ),
        says('done'),
      ],
    },
    outline: [
      'replied tool_use',
      'started t1',
      'error t1: Fail failed: broken',
      'error t2: There is no tool named "Mak". Available: Fail, Look, Make. Did you mean "Make"?',
      'error t3: Invalid input for Make: what: Invalid input: expected string, received undefined; unknown key "whta", did you mean "what"? Correct it and call again.',
      'error t4: The input of this Make call is not valid JSON. It was not run. Send the call again with valid JSON.',
      'replied end_turn',
      'completed: done',
    ],
  },
  {
    name: 'policy denies: recorded, told to the model with the reason',
    given: { replies: [calls(['t1', 'Make', { what: 'x' }]), says('ok')], decide: () => 'deny' },
    outline: [
      'replied tool_use',
      'denied t1 by policy',
      `error t1: ${denial('Make', 'deny by test')}`,
      'replied end_turn',
      'completed: ok',
    ],
  },
  {
    name: 'a host denies with a reason',
    given: {
      replies: [calls(['t1', 'Make', { what: 'x' }]), says('ok')],
      decide: () => 'ask',
      answer: { allow: false, reason: 'not today' },
    },
    outline: [
      'replied tool_use',
      'asked id1 t1',
      'denied t1 by host',
      `error t1: ${denial('Make', 'not today')}`,
      'replied end_turn',
      'completed: ok',
    ],
  },
  {
    name: 'all questions of a turn are asked before the first call runs',
    given: {
      replies: [
        calls(['t1', 'Make', { what: 'a' }], ['t2', 'Look', { what: 'b' }], ['t3', 'Make', { what: 'c' }]),
        says('ok'),
      ],
      decide: (call) => (call.access === 'read' ? 'allow' : 'ask'),
      answer: { allow: true },
    },
    outline: [
      'replied tool_use',
      'asked id1 t1',
      'allowed t1 by host',
      'asked id2 t3',
      'allowed t3 by host',
      'started t1',
      'result t1: made a',
      'started t2',
      'result t2: saw b',
      'started t3',
      'result t3: made c',
      'replied end_turn',
      'completed: ok',
    ],
  },
  {
    name: 'a call is judged again after another one changed the world',
    given: {
      replies: [calls(['t1', 'Make', { what: 'link' }], ['t2', 'Look', { what: 'link' }]), says('ok')],
      decide: (call, ran) => (call.tool === 'Look' && ran.includes('Make link') ? 'deny' : 'allow'),
    },
    outline: [
      'replied tool_use',
      'started t1',
      'result t1: made link',
      'denied t2 by policy',
      `error t2: ${denial('Look', 'deny by test')}`,
      'replied end_turn',
      'completed: ok',
    ],
  },
  {
    name: 'an empty reply is nudged once',
    given: { replies: [{ content: [] }, says('here')] },
    outline: [
      'replied end_turn (dropped)',
      'user: Your reply was empty. Go on, or give your final answer now.',
      'replied end_turn',
      'completed: here',
    ],
  },
  {
    name: 'an empty reply twice fails',
    given: { replies: [{ content: [] }, { content: [{ type: 'thinking', thinking: 'hm', signature: 's' }] }] },
    outline: [
      'replied end_turn (dropped)',
      'user: Your reply was empty. Go on, or give your final answer now.',
      'replied end_turn',
      'failed empty_reply: ',
    ],
  },
  {
    name: 'a text cut by max_tokens fails and is kept',
    given: { replies: [{ ...says('half a'), stop_reason: 'max_tokens' }] },
    outline: ['replied max_tokens', 'failed max_tokens: half a'],
  },
  {
    name: 'a cut tool use is asked for again with more room',
    given: { replies: [cut, says('done')] },
    outline: ['replied max_tokens (dropped)', 'replied end_turn', 'completed: done'],
  },
  {
    name: 'a tool use that is cut again gets an error result',
    given: { replies: [cut, cut, says('done')] },
    outline: [
      'replied max_tokens (dropped)',
      'replied max_tokens',
      `error t1: ${cutHint}`,
      'replied end_turn',
      'completed: done',
    ],
  },
  {
    name: 'a tool use that is cut for ever fails',
    given: { replies: [cut, cut, cut, cut] },
    outline: [
      'replied max_tokens (dropped)',
      'replied max_tokens',
      `error t1: ${cutHint}`,
      'replied max_tokens',
      `error t1: ${cutHint}`,
      'replied max_tokens (dropped)',
      'failed max_tokens: ',
    ],
  },
  {
    name: 'a refusal drops its output',
    given: { replies: [{ ...says('I will n'), stop_reason: 'refusal', stop_details: { category: 'cyber' } }] },
    outline: ['replied refusal (dropped)', 'failed refusal: I will n'],
  },
  {
    name: 'a paused turn goes on',
    given: { replies: [{ ...says('searching'), stop_reason: 'pause_turn' }, says('found')] },
    outline: ['replied pause_turn', 'replied end_turn', 'completed: searching\n\nfound'],
  },
  {
    name: 'a turn that pauses for ever fails',
    given: { replies: Array.from({ length: 21 }, () => ({ ...says('p'), stop_reason: 'pause_turn' })) },
    outline: [...Array.from({ length: 21 }, () => 'replied pause_turn'), 'failed max_turns: p'],
  },
  {
    name: 'a full context window fails',
    given: { replies: [{ ...says('so far'), stop_reason: 'model_context_window_exceeded' }] },
    outline: ['replied model_context_window_exceeded', 'failed context_window: so far'],
  },
  {
    name: 'compaction goes on',
    given: { replies: [{ content: [{ type: 'compaction', content: 'sum' }], stop_reason: 'compaction' }, says('ok')] },
    outline: ['replied compaction', 'replied end_turn', 'completed: ok'],
  },
  {
    name: 'an unknown stop reason stops and runs nothing',
    given: { replies: [{ ...calls(['t1', 'Make', { what: 'x' }]), stop_reason: 'new_thing' }] },
    outline: ['replied new_thing (dropped)', 'failed unknown_stop_reason: '],
  },
  {
    name: 'a missing stop reason stops and runs nothing',
    given: { replies: [{ ...calls(['t1', 'Make', { what: 'x' }]), stop_reason: null }] },
    outline: ['replied null (dropped)', 'failed unknown_stop_reason: '],
  },
  {
    name: 'a request that failed for good ends the worker',
    given: {
      replies: [failure],
    },
    outline: ['failed api_error: '],
  },
  {
    name: 'max_turns ends it after the turn was settled',
    given: { replies: [calls(['t1', 'Make', { what: 'x' }])], options: { max_turns: 1 } },
    outline: ['replied tool_use', 'started t1', 'result t1: made x', 'failed max_turns: '],
  },
  {
    name: 'max_cost_usd ends it after the turn was settled',
    given: { replies: [calls(['t1', 'Make', { what: 'x' }])], options: { max_cost_usd: 0.0005 } },
    outline: ['replied tool_use', 'started t1', 'result t1: made x', 'failed max_cost: '],
  },
  {
    name: 'an output that does not fit its schema is repaired twice, then fails',
    given: {
      replies: [says('1'), says('2'), says('3')],
      validateOutput: async () => ({ ok: false, problems: ['a: missing'] }),
    },
    outline: ['replied end_turn', repair, 'replied end_turn', repair, 'replied end_turn', 'failed output_schema: 3'],
  },
];

for (const { name, given, outline: expected } of cases) {
  test(name, async () => {
    const world = await worldOf(given);
    await runAgent(world, new AbortController().signal);
    assert.deepEqual(outline(world.events), expected);
    assert.equal(world.model.left(), 0);
  });
}

test('results form one user message in call order, beside blocks that are replayed untouched', async () => {
  const thinking = { type: 'thinking', thinking: '', signature: 'sig==', extra: { kept: [1, 2.5] } };
  const odd = { type: 'brand_new_block', anything: { a: null } };
  const world = await worldOf({
    replies: [
      {
        stop_reason: 'tool_use',
        content: [
          thinking,
          odd,
          { type: 'tool_use', id: 't1', name: 'Look', input: { what: 'a' } },
          { type: 'tool_use', id: 't2', name: 'Nope', input: {} },
          { type: 'tool_use', id: 't3', name: 'Look', input: { what: 'c' } },
        ],
      },
      says('done'),
    ],
  });
  await runAgent(world, new AbortController().signal);
  assert.deepEqual(world.model.seen[1], [
    { role: 'user', content: [{ type: 'text', text: 'do it' }] },
    {
      role: 'assistant',
      content: [
        thinking,
        odd,
        { type: 'tool_use', id: 't1', name: 'Look', input: { what: 'a' } },
        { type: 'tool_use', id: 't2', name: 'Nope', input: {} },
        { type: 'tool_use', id: 't3', name: 'Look', input: { what: 'c' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't1', content: 'saw a' },
        {
          type: 'tool_result',
          tool_use_id: 't2',
          content: 'There is no tool named "Nope". Available: Fail, Look, Make.',
          is_error: true,
        },
        { type: 'tool_result', tool_use_id: 't3', content: 'saw c' },
      ],
    },
  ]);
});

test('read-only neighbours run side by side, others alone', async () => {
  const reads = await worldOf({
    replies: [calls(['a', 'Look', { what: '1' }], ['b', 'Look', { what: '2' }]), says('ok')],
  });
  await runAgent(reads, new AbortController().signal);
  assert.equal(reads.highestSideBySide(), 2);
  const writes = await worldOf({
    replies: [calls(['a', 'Make', { what: '1' }], ['b', 'Make', { what: '2' }]), says('ok')],
  });
  await runAgent(writes, new AbortController().signal);
  assert.equal(writes.highestSideBySide(), 1);
});

test('the retry after a cut call asks for the most the model takes, the next turn for the usual again', async () => {
  const world = await worldOf({ replies: [cut, calls(['t2', 'Look', { what: 'x' }]), says('done')] });
  await runAgent(world, new AbortController().signal);
  assert.deepEqual(world.model.maxTokens, [100, 400, 100]);
});

test('structured output is part of the end', async () => {
  const world = await worldOf({
    replies: [says('{"a":1}')],
    validateOutput: async (text) => ({ ok: true, value: JSON.parse(text) as unknown }),
  });
  await runAgent(world, new AbortController().signal);
  assert.deepEqual(world.events.at(-1), { type: 'worker.completed', result: '{"a":1}', structured_output: { a: 1 } });
});

test('an abort leaves what is open to its owner, who settles it', async () => {
  const abort = new AbortController();
  const world = await worldOf({
    replies: [calls(['t1', 'Look', { what: 'x' }], ['t2', 'Make', { what: 'y' }])],
    decide: (call) => (call.tool === 'Make' ? 'ask' : 'allow'),
    approver: {
      ask: (_request, _commit, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  });
  const run = runAgent(world, abort.signal);
  const timer = setInterval(() => {
    if (outline(world.events).includes('result t1: saw x')) abort.abort(new Error('stop it'));
  }, 1);
  await assert.rejects(run, /stop it/);
  clearInterval(timer);
  await settleUnfinished(world, 'The worker was stopped');
  assert.deepEqual(outline(world.events), [
    'replied tool_use',
    'asked id1 t2',
    'started t1',
    'result t1: saw x',
    'error t2: The worker was stopped before this call was run.',
  ]);
  assert.equal(world.history.open.length, 0);
});

test('a call that was started before a crash is not run again; a recorded answer is not asked for again', async () => {
  const world = await worldOf({ replies: [says('done')], decide: () => 'ask', answer: { allow: false } });
  const uses = ['t1', 't2'].map((id) => ({ type: 'tool_use', id, name: 'Make', input: { what: id } }));
  await world.record({
    type: 'model.replied',
    content: uses,
    kept: true,
    stop_reason: 'tool_use',
    model: 'm',
    request_id: null,
    usage: noUsage,
    cost_usd: 0,
    duration_ms: 0,
  });
  await world.record({ type: 'tool.started', tool_use_id: 't1', tool: 'Make' });
  await world.record({
    type: 'permission.resolved',
    request_id: 'r',
    tool_use_id: 't2',
    tool: 'Make',
    input: {},
    resolution: { allow: true, scope: 'once', decided_by: 'host' },
  });
  await runAgent(world, new AbortController().signal);
  assert.deepEqual(outline(world.events).slice(3), [
    'error t1: The worker was interrupted during this call. It may have run, in part or whole: check before you repeat it.',
    'started t2',
    'result t2: made t2',
    'replied end_turn',
    'completed: done',
  ]);
});
