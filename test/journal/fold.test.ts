// The fold: whole event sequences to whole snapshots, and the same snapshot live and after a restart.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { EventBody } from '../../src/contract/event.ts';
import type { WorkerSnapshot } from '../../src/contract/worker.ts';
import { noUsage } from '../../src/contract/usage.ts';
import { createFold, openStore, replay } from '../../src/journal/store.ts';
import {
  answered,
  finished,
  inTempFolder,
  plan,
  replied,
  request,
  resumed,
  sessionId,
  spawned,
  text,
  tickingClock,
  use,
  workerId,
} from './fixtures.ts';

const owner = { pid: 1, instance: 'one' };
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function fold(events: readonly EventBody[]): WorkerSnapshot {
  const fold = createFold();
  events.forEach((event, index) => fold.apply({ v: 1, seq: index + 1, at: at(index), ...event }));
  return fold.snapshot();
}

const begun: WorkerSnapshot = {
  worker_id: workerId,
  session_id: sessionId,
  description: 'count lines',
  plan,
  state: 'queued',
  history: { messages: [{ role: 'user', content: [text('Count the lines.')] }], open: [] },
  result: '',
  children: [],
  usage: noUsage,
  total_cost_usd: 0,
  num_turns: 0,
  permission_denials: [],
  pending: [],
  remembered_rules: [],
  started_at: at(0),
  ended_at: null,
  duration_ms: 0,
  last_activity_at: at(0),
  last_seq: 1,
  owner,
};

const started: EventBody = { type: 'worker.started' };

test('a worker that was spawned is queued', () => {
  assert.deepEqual(fold([spawned(owner)]), begun);
});

test('a whole run: an approved call, a denied call, a result', () => {
  const events: EventBody[] = [
    spawned(owner),
    started,
    replied([text('Let me see.'), use('t1'), use('t2')], { stop_reason: 'tool_use' }),
    { type: 'permission.requested', request: request('r1', 't1') },
    { type: 'permission.requested', request: request('r2', 't2') },
    answered('r1', 't1', { allow: true, scope: 'worker', remembered_rule: 'Bash(wc:*)', decided_by: 'host' }),
    { type: 'tool.started', tool_use_id: 't1', tool: 'Bash' },
    answered('r2', 't2', { allow: false, reason: 'not that one', scope: 'once', decided_by: 'host' }),
    finished('t2', 'Denied: not that one', true),
    finished('t1'),
    { type: 'model.retried', attempt: 1, max_attempts: 6, delay_ms: 5, error_type: 'overloaded_error', message: 'x' },
    replied([text('3 lines.')], { cost_usd: 0.2 }),
    { type: 'worker.completed', result: '3 lines.', structured_output: { lines: 3 } },
  ];
  assert.deepEqual(fold(events), {
    ...begun,
    state: 'completed',
    history: {
      messages: [
        { role: 'user', content: [text('Count the lines.')] },
        { role: 'assistant', content: [text('Let me see.'), use('t1'), use('t2')] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: '3 a' },
            { type: 'tool_result', tool_use_id: 't2', content: 'Denied: not that one', is_error: true },
          ],
        },
        { role: 'assistant', content: [text('3 lines.')] },
      ],
      open: [],
    },
    result: '3 lines.',
    structured_output: { lines: 3 },
    usage: { ...noUsage, input_tokens: 20, output_tokens: 10 },
    total_cost_usd: 0.3,
    num_turns: 2,
    permission_denials: [
      { tool_name: 'Bash', tool_use_id: 't2', tool_input: { command: 'wc -l a' }, reason: 'not that one' },
    ],
    remembered_rules: ['Bash(wc:*)'],
    ended_at: at(12),
    duration_ms: 11_000,
    last_activity_at: at(12),
    last_seq: 13,
  });
});

const failure: EventBody = { type: 'worker.failed', error_type: 'max_turns', error_hint: 'Resume it.', result: 'half' };
const asked: EventBody[] = [
  spawned(owner),
  started,
  replied([use('t1')]),
  { type: 'permission.requested', request: request('r1', 't1') },
];

const states: readonly [intent: string, events: readonly EventBody[], expected: Partial<WorkerSnapshot>][] = [
  ['started: running', [spawned(owner), started], { state: 'running' }],
  ['asked: awaiting', asked, { state: 'awaiting_permission', pending: [request('r1', 't1')] }],
  [
    'answered: running',
    [...asked, answered('r1', 't1', { allow: true, scope: 'once', decided_by: 'cli' })],
    { state: 'running', pending: [], remembered_rules: [] },
  ],
  [
    'a call that was settled without an answer no longer waits',
    [...asked, finished('t1', 'interrupted', true)],
    { state: 'running', pending: [] },
  ],
  [
    'a denial by policy that nobody was asked about, and its reason when none was given',
    [
      spawned(owner),
      started,
      replied([use('t1')]),
      answered(null, 't1', { allow: false, scope: 'once', decided_by: 'policy' }),
    ],
    {
      state: 'running',
      permission_denials: [
        { tool_name: 'Bash', tool_use_id: 't1', tool_input: { command: 'wc -l a' }, reason: 'Denied by a rule.' },
      ],
    },
  ],
  [
    'failed: what there is',
    [spawned(owner), started, failure],
    { state: 'failed', result: 'half', error_type: 'max_turns', error_hint: 'Resume it.', ended_at: at(2) },
  ],
  [
    'stopped while it asks: nothing is asked any more, the last text is what there is',
    [
      spawned(owner),
      started,
      replied([text('So far.'), use('t1')]),
      asked[3]!,
      { type: 'worker.stopped', reason: 'enough' },
    ],
    {
      state: 'stopped',
      pending: [],
      result: 'So far.',
      error_type: 'stopped',
      error_hint: 'Stopped: enough. Resume it to go on.',
    },
  ],
  [
    'resumed: queued, the old end forgotten, durations added',
    [spawned(owner), started, failure, resumed({ pid: 2, instance: 'two' }), started],
    {
      state: 'running',
      result: '',
      error_type: undefined,
      ended_at: null,
      duration_ms: 1000,
      owner: { pid: 2, instance: 'two' },
    } as never,
  ],
  [
    'taken over while it asks: still asking',
    [...asked, resumed({ pid: 2, instance: 'two' }), started],
    { state: 'awaiting_permission', pending: [request('r1', 't1')] },
  ],
  [
    'one unknown price makes the sum unknown, for good',
    [spawned(owner), replied([text('a')]), replied([text('b')], { cost_usd: null }), replied([text('c')])],
    { total_cost_usd: null, num_turns: 3 },
  ],
  [
    'cents add up without a binary tail',
    [spawned(owner), replied([text('a')], { cost_usd: 0.1 }), replied([text('b')], { cost_usd: 0.2 })],
    { total_cost_usd: 0.3 },
  ],
  [
    'a reply that is not kept is billed but not said',
    [spawned(owner), replied([text('no')], { kept: false, stop_reason: 'refusal' })],
    { num_turns: 1, total_cost_usd: 0.1, history: begun.history },
  ],
];

for (const [intent, events, expected] of states) {
  test(`fold: ${intent}`, () => {
    const snapshot = fold(events);
    const picked = Object.fromEntries(Object.keys(expected).map((key) => [key, snapshot[key as keyof WorkerSnapshot]]));
    assert.deepEqual(picked, expected);
  });
}

test('the live snapshot is the replayed one, whatever the events held', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock: tickingClock() });
    const { log } = await store.create(spawned(store.owner));
    await log.append(started);
    const odd = { type: 'thinking', thinking: '', signature: 's\u2028=', zeta: 1, alpha: [null, 1.5, '\u0000'] };
    await log.append(replied([odd, text('lone \ud800 half'), use('t1', 'Bash', { b: 1, a: { '2': 1, '1': 2 } })]));
    await log.append(finished('t1', 'nul \u0000 and \udfff'));
    const live = log.snapshot();
    const again = createFold();
    await replay(join(dir, `worker-${workerId}.jsonl`), again.apply);
    assert.deepEqual(again.snapshot(), live);
    assert.equal(JSON.stringify(again.snapshot()), JSON.stringify(live), 'in the same order of keys too');
    await store.close();
  }));
