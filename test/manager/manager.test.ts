// The life of workers through the manager's door: batches, permissions, resume, restart, stop, the cap.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { WaitResult } from '../../src/contract/worker.ts';
import { calls, says } from '../fakes/scripted-model.ts';
import { managerWorld, tempFolder } from './world.ts';

const task = (prompt: string) => ({ description: `about ${prompt}`, prompt });

/** What tells results apart, without ids and times. */
function short(result: WaitResult) {
  return {
    completed: result.completed.map((entry) => `${entry.description}: ${entry.result_preview}`),
    failed: result.failed.map((entry) => `${entry.description}: ${entry.error_type}`),
    pending: result.pending_permissions.map(
      (entry) => `${entry.description}: ${entry.tool} ${JSON.stringify(entry.input)}`,
    ),
    running: result.running.map((entry) => `${entry.description}: ${entry.status}`),
  };
}

test('waits side by side: each by name ends with its own worker, any with the first, the batch with the last', async (t) => {
  const world = await managerWorld(t);
  const { manager } = world;
  const [a, b] = [await manager.spawn(task('a')), await manager.spawn(task('b'))];
  const order: string[] = [];
  const wait = async (name: string, query: Parameters<typeof manager.wait>[0]) => {
    const result = await manager.wait(query);
    order.push(name);
    return short(result).completed;
  };
  const batch = wait('batch', {});
  const any = wait('any', { mode: 'any' });
  const onlyA = wait('a', { worker_ids: [a.worker_id] });
  const onlyB = wait('b', { worker_ids: [b.worker_id] });
  (await world.asked('b')).answer(says('B'));
  assert.deepEqual(await onlyB, ['about b: B']);
  assert.deepEqual(await any, ['about b: B']);
  assert.deepEqual(order.toSorted(), ['any', 'b'], 'the others wait on');
  (await world.asked('a')).answer(says('A'));
  assert.deepEqual(await onlyA, ['about a: A']);
  assert.deepEqual(await batch, ['about a: A', 'about b: B']);
});

test('wait joins all workers of the batch, also those that ended before it was called', async (t) => {
  const world = await managerWorld(t);
  const [a, b] = [await world.manager.spawn(task('a')), await world.manager.spawn(task('b'))];
  assert.deepEqual([a.status, b.status], ['queued', 'queued']);
  (await world.asked('b')).answer(says('B'));
  await new Promise<void>((resolve) => {
    world.manager.subscribe((event) => event.type === 'worker.completed' && resolve());
  });
  const waiting = world.manager.wait({});
  (await world.asked('a')).answer(says('A'));
  const expected = { completed: ['about a: A', 'about b: B'], failed: [], pending: [], running: [] };
  assert.deepEqual(short(await waiting), expected);
  assert.deepEqual(short(await world.manager.wait({})), expected, 'a repeated wait gives the same answer');
  assert.deepEqual([...world.closedToolsets].toSorted(), [a.worker_id, b.worker_id].toSorted());
});

test('a new batch begins with the first spawn after everything was reported', async (t) => {
  const world = await managerWorld(t);
  await world.manager.spawn(task('a'));
  (await world.asked('a')).answer(says('A'));
  await world.manager.wait({});
  await world.manager.spawn(task('b'));
  (await world.asked('b')).answer(says('B'));
  assert.deepEqual(short(await world.manager.wait({})).completed, ['about b: B']);
});

test('results beside a pending permission are reported again at the end', async (t) => {
  const world = await managerWorld(t);
  const { worker_id } = await world.manager.spawn(task('a'));
  await world.manager.spawn(task('b'));
  (await world.asked('a')).answer(says('A'));
  await world.manager.wait({ worker_ids: [worker_id] });
  (await world.asked('b')).answer(calls(['t1', 'Make', { what: 'x' }]));
  const first = await world.manager.wait({});
  assert.deepEqual(short(first).pending, ['about b: Make {"what":"x"}']);
  assert.deepEqual(short(first).running, ['about b: awaiting_permission']);
  const request_id = first.pending_permissions[0]?.request_id ?? '';
  const answered = await world.manager.approve({ request_id, allow: true });
  assert.deepEqual(answered.status, 'approved');
  const next = await world.asked('b');
  assert.deepEqual(next.request.messages.at(-1), {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 't1', content: 'did x' }],
  });
  next.answer(says('B'));
  assert.deepEqual(short(await world.manager.wait({})), {
    completed: ['about a: A', 'about b: B'],
    failed: [],
    pending: [],
    running: [],
  });
  await assert.rejects(world.manager.approve({ request_id, allow: false }), /already approved/);
});

test('a denial reaches the model with its reason and the log', async (t) => {
  const world = await managerWorld(t);
  const { worker_id } = await world.manager.spawn(task('a'));
  (await world.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  const { pending_permissions } = await world.manager.wait({});
  const request_id = pending_permissions[0]?.request_id ?? '';
  await world.manager.approve({ request_id, allow: false, reason: 'not on Fridays' });
  const next = await world.asked('a');
  assert.match(JSON.stringify(next.request.messages.at(-1)), /was denied\. Reason: not on Fridays/);
  next.answer(says('gave up'));
  const { completed } = await world.manager.wait({});
  assert.equal(completed[0]?.permission_denials, 1);
  assert.deepEqual((await world.log(worker_id))['permission_denials'], [
    { tool_name: 'Make', tool_use_id: 't1', tool_input: { what: 'x' }, reason: 'not on Fridays' },
  ]);
});

test('scope worker is remembered, and survives a resume', async (t) => {
  const world = await managerWorld(t);
  const { worker_id } = await world.manager.spawn(task('a'));
  (await world.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  const { pending_permissions } = await world.manager.wait({});
  await world.manager.approve({ request_id: pending_permissions[0]?.request_id ?? '', allow: true, scope: 'worker' });
  (await world.asked('a')).answer(calls(['t2', 'Make', { what: 'y' }]));
  (await world.asked('a')).answer(says('A'));
  await world.manager.wait({});
  await world.manager.resume({ worker_id, prompt: 'again' });
  (await world.asked('a')).answer(calls(['t3', 'Make', { what: 'z' }]));
  (await world.asked('a')).answer(says('A2'));
  assert.deepEqual(short(await world.manager.wait({})).completed, ['about a: A2']);
});

test('a resume keeps the whole conversation and its ids, also by session_id and after a restart', async (t) => {
  const logsDir = await tempFolder(t);
  const before = await managerWorld(t, { logsDir });
  const { worker_id, session_id } = await before.manager.spawn(task('a'));
  (await before.asked('a')).answer(says('A'));
  await before.manager.wait({});
  await before.manager.close('restart');
  const after = await managerWorld(t, { logsDir });
  const resumed = await after.manager.resume({ worker_id: session_id, prompt: 'more' });
  assert.deepEqual([resumed.worker_id, resumed.session_id], [worker_id, session_id]);
  const asked = await after.asked('a');
  assert.deepEqual(asked.request.messages, [
    { role: 'user', content: [{ type: 'text', text: 'a' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'A' }] },
    { role: 'user', content: [{ type: 'text', text: 'more' }] },
  ]);
  await assert.rejects(after.manager.resume({ worker_id, prompt: 'too early' }), /still running/);
  asked.answer(says('A2'));
  assert.deepEqual(short(await after.manager.wait({})).completed, ['about a: A2']);
});

test('a permission asked in a journal that proves nothing is not answered but asked again', async (t) => {
  const logsDir = await tempFolder(t);
  const before = await managerWorld(t, { logsDir });
  const { worker_id } = await before.manager.spawn(task('a'));
  (await before.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  const asked = (await before.manager.wait({})).pending_permissions[0]!;
  await before.manager.close('restart');
  const path = before.manager.journalPath(worker_id);
  const shown = '"tool_use_id":"t1","input":{"what":';
  const journal = readFileSync(path, 'utf8');
  assert.ok(journal.includes(`${shown}"x"`));
  writeFileSync(path, journal.replace(`${shown}"x"`, `${shown}"something harmless"`));
  const after = await managerWorld(t, { logsDir });
  await assert.rejects(after.manager.approve({ request_id: asked.request_id, allow: true }), (error) => {
    return error instanceof AworkersError && error.code === 'conflict' && /asks again: call wait/.test(error.text);
  });
  const again = (await after.manager.wait({})).pending_permissions[0]!;
  assert.notEqual(again.request_id, asked.request_id);
  assert.deepEqual(again.input, { what: 'x' });
  await after.manager.approve({ request_id: again.request_id, allow: true });
  (await after.asked('a')).answer(says('A'));
  assert.deepEqual(short(await after.manager.wait({})).completed, ['about a: A']);
});

test('a permission asked before a restart can be answered after it', async (t) => {
  const logsDir = await tempFolder(t);
  const before = await managerWorld(t, { logsDir });
  await before.manager.spawn(task('a'));
  (await before.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }], ['t2', 'Make', { what: 'y' }]));
  const { pending_permissions } = await before.manager.wait({});
  assert.equal(pending_permissions.length, 2);
  await before.manager.close('restart');
  const after = await managerWorld(t, { logsDir });
  assert.deepEqual(
    (await after.manager.list()).map((summary) => summary.status),
    ['awaiting_permission'],
  );
  const [first, second] = pending_permissions.map((pending) => pending.request_id);
  await after.manager.approve({ request_id: first ?? '', allow: true });
  const again = await after.manager.wait({});
  assert.deepEqual(
    again.pending_permissions.map((pending) => pending.request_id),
    [second],
  );
  await after.manager.approve({ request_id: second ?? '', allow: false });
  const next = await after.asked('a');
  const results = next.request.messages.at(-1)?.content;
  assert.ok(Array.isArray(results));
  assert.deepEqual(
    results.map((block) => [block['tool_use_id'], block['is_error'] === true]),
    [
      ['t1', false],
      ['t2', true],
    ],
  );
  next.answer(says('A'));
  assert.deepEqual(short(await after.manager.wait({})).completed, ['about a: A']);
});

test('answers to several requests of one worker of an earlier process may come all at once', async (t) => {
  const logsDir = await tempFolder(t);
  const before = await managerWorld(t, { logsDir });
  await before.manager.spawn(task('a'));
  const uses = ['t1', 't2', 't3'].map((id) => [id, 'Make', { what: id }] as const);
  (await before.asked('a')).answer(calls(...uses));
  const { pending_permissions } = await before.manager.wait({});
  await before.manager.close('restart');
  const after = await managerWorld(t, { logsDir });
  const answers = await Promise.all(
    pending_permissions.map(({ request_id }) => after.manager.approve({ request_id, allow: true })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['approved', 'approved', 'approved'],
  );
  (await after.asked('a')).answer(says('A'));
  assert.deepEqual(short(await after.manager.wait({})).completed, ['about a: A']);
});

test('stop ends a worker with every tool use answered; it can be resumed', async (t) => {
  const world = await managerWorld(t);
  const { worker_id } = await world.manager.spawn(task('a'));
  (await world.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  await world.manager.wait({});
  assert.equal((await world.manager.stop(worker_id)).status, 'stopped');
  assert.deepEqual(short(await world.manager.wait({})).failed, ['about a: stopped']);
  await world.manager.resume({ worker_id, prompt: 'go on' });
  const asked = await world.asked('a');
  assert.deepEqual(asked.request.messages.at(-1), {
    role: 'user',
    content: [
      {
        type: 'tool_result',
        tool_use_id: 't1',
        content: 'The worker was stopped before this call was run.',
        is_error: true,
      },
      { type: 'text', text: 'go on' },
    ],
  });
  asked.answer(says('A'));
  await world.manager.wait({});
});

test('the cap queues, a worker that waits for a person gives its place to another', async (t) => {
  const world = await managerWorld(t, { cap: 1 });
  await world.manager.spawn(task('a'));
  await world.manager.spawn(task('b'));
  (await world.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  (await world.asked('b')).answer(says('B'));
  const { pending_permissions } = await world.manager.wait({});
  await world.manager.approve({ request_id: pending_permissions[0]?.request_id ?? '', allow: true });
  (await world.asked('a')).answer(says('A'));
  assert.deepEqual(short(await world.manager.wait({})).completed, ['about a: A', 'about b: B']);
});

test('an end is awaited over the questions on the way, with the transcript written; what does not run here has none', async (t) => {
  const world = await managerWorld(t);
  const { worker_id: id } = await world.manager.spawn(task('a'));
  let over = false;
  const end = world.manager.ended(id).then(() => (over = true));
  (await world.asked('a')).answer(calls(['t1', 'Make', { what: 'x' }]));
  const { pending_permissions } = await world.manager.wait({});
  assert.equal(over, false);
  await world.manager.approve({ request_id: pending_permissions[0]?.request_id ?? '', allow: true });
  (await world.asked('a')).answer(says('A'));
  await end;
  assert.equal((await world.log(id))['status'], 'completed');
  await world.manager.ended(id);
  await world.manager.ended(crypto.randomUUID());
});

test('a cancelled wait leaves the workers alone and loses nothing', async (t) => {
  const world = await managerWorld(t);
  await world.manager.spawn(task('a'));
  const cancel = new AbortController();
  const waiting = world.manager.wait({}, cancel.signal);
  cancel.abort(new Error('cancelled by the client'));
  await assert.rejects(waiting, /cancelled by the client/);
  (await world.asked('a')).answer(says('A'));
  assert.deepEqual(short(await world.manager.wait({})).completed, ['about a: A']);
});

test('mode any, timeout_seconds, worker_ids and include_results', async (t) => {
  const world = await managerWorld(t);
  const a = await world.manager.spawn(task('a'));
  const b = await world.manager.spawn(task('b'));
  const none = await world.manager.wait({ timeout_seconds: 0.01 });
  assert.deepEqual(short(none).running, ['about a: running', 'about b: running']);
  (await world.asked('a')).answer(says('A'));
  const any = await world.manager.wait({ mode: 'any', include_results: true });
  assert.deepEqual([short(any).completed, short(any).running], [['about a: A'], ['about b: running']]);
  assert.equal(any.completed[0]?.result, 'A');
  (await world.asked('b')).answer(says('B'));
  const named = await world.manager.wait({ worker_ids: [b.worker_id] });
  assert.deepEqual(short(named).completed, ['about b: B']);
  assert.deepEqual(short(await world.manager.wait({ worker_ids: [a.worker_id] })).completed, ['about a: A']);
});

test('limits: timeout_seconds ends a worker as failed, its work kept', async (t) => {
  const world = await managerWorld(t);
  const { worker_id } = await world.manager.spawn({ ...task('a'), options: { timeout_seconds: 0.05 } });
  (await world.asked('a')).answer({
    ...calls(['t1', 'Look', { what: 'x' }]),
    content: [
      { type: 'text', text: 'so far' },
      { type: 'tool_use', id: 't1', name: 'Look', input: { what: 'x' } },
    ],
  });
  const { failed } = await world.manager.wait({});
  assert.equal(failed[0]?.error_type, 'timeout');
  assert.equal((await world.log(worker_id))['result'], 'so far');
});

test('a failure of one worker is not the failure of wait', async (t) => {
  const world = await managerWorld(t);
  await world.manager.spawn(task('a'));
  await world.manager.spawn(task('b'));
  (await world.asked('a')).answer({
    type: 'failed',
    error_type: 'api_error',
    error_hint: 'The API is down.',
    fleet: false,
  });
  (await world.asked('b')).answer(says('B'));
  assert.deepEqual(short(await world.manager.wait({})), {
    completed: ['about b: B'],
    failed: ['about a: api_error'],
    pending: [],
    running: [],
  });
});

test('errors name the thing', async (t) => {
  const world = await managerWorld(t);
  await assert.rejects(world.manager.wait({}), { hint: 'Call spawn_worker first, then wait.' });
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const call of [
    () => world.manager.resume({ worker_id: unknown, prompt: 'x' }),
    () => world.manager.wait({ worker_ids: [unknown] }),
    () => world.manager.stop(unknown),
    () => world.manager.read('../../etc/passwd'),
    () => world.manager.approve({ request_id: 'nope', allow: true }),
  ]) {
    await assert.rejects(call, (error) => error instanceof AworkersError && error.code === 'not_found');
  }
});

test('a wait beside spawns of the same turn includes their workers', async (t) => {
  const world = await managerWorld(t);
  const spawning = [world.manager.spawn(task('a')), world.manager.spawn(task('b'))];
  const waiting = world.manager.wait({});
  await Promise.all(spawning);
  (await world.asked('a')).answer(says('A'));
  (await world.asked('b')).answer(says('B'));
  assert.deepEqual(short(await waiting).completed, ['about a: A', 'about b: B']);
});

test('progress names what runs', async (t) => {
  const world = await managerWorld(t);
  await world.manager.spawn(task('a'));
  await world.manager.spawn(task('b'));
  (await world.asked('a')).answer(says('A'));
  await world.manager.wait({ mode: 'any' });
  assert.equal(world.manager.progress(), '1/2 done, $0.01');
});

test('recover goes on as it stood: a reply is not asked for twice, no message is added, limits go on counting', async (t) => {
  const logsDir = `${await tempFolder(t)}/logs`;
  const first = await managerWorld(t, { logsDir });
  const id = crypto.randomUUID();
  const task = { description: 'd', prompt: 'p', options: { max_turns: 2 } };
  assert.equal((await first.manager.spawn(task, id)).worker_id, id);
  const look = { type: 'tool_use', id: 't1', name: 'Look', input: { what: 'a' } };
  (await first.asked('p')).answer({ content: [look], stop_reason: 'tool_use' });
  await first.asked('p');
  await first.manager.stop(id);

  const second = await managerWorld(t, { logsDir });
  assert.equal((await second.manager.recover(id)).status, 'queued');
  await assert.rejects(second.manager.recover(id), { code: 'conflict', message: /is still/ });
  const again = await second.asked('p');
  assert.deepEqual(
    again.request.messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
  again.answer({ content: [{ ...look, id: 't2' }], stop_reason: 'tool_use' });
  const { failed } = await second.manager.wait({ worker_ids: [id] });
  assert.deepEqual([failed[0]?.error_type, failed[0]?.num_turns], ['max_turns', 2]);
});

test('a crash between the last reply and the end of the worker costs no request', async (t) => {
  const logsDir = `${await tempFolder(t)}/logs`;
  const first = await managerWorld(t, { logsDir });
  const { worker_id: id } = await first.manager.spawn({ description: 'd', prompt: 'p' });
  (await first.asked('p')).answer({ content: [{ type: 'text', text: 'Done.' }] });
  await first.manager.wait({ worker_ids: [id] });
  await first.manager.close('over');
  const journal = first.manager.journalPath(id);
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(/\n[^\n]*"worker\.completed"[^\n]*\n$/, '\n'));

  const second = await managerWorld(t, { logsDir });
  await second.manager.recover(id);
  const { completed } = await second.manager.wait({ worker_ids: [id], include_results: true });
  assert.deepEqual([completed[0]?.result, completed[0]?.num_turns], ['Done.', 1]);
  await assert.rejects(second.manager.recover(id), { code: 'conflict', message: /has completed/ });
});
