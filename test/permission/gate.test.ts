// The gate as the manager uses it: first answer wins, is journaled first, and scopes reach other requests.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { PermissionRequest, Resolution } from '../../src/contract/permission.ts';
import { createGate, createPolicy, denyApprover } from '../../src/permission/index.ts';
import { tablePaths } from './paths-table.ts';

const request = (id: string, changes: Partial<PermissionRequest> = {}): PermissionRequest => ({
  request_id: id,
  worker_id: 'w1',
  description: 'tests',
  tool: 'Bash',
  tool_use_id: `use-${id}`,
  input: { command: 'npm test' },
  reason: 'Bash needs a permission.',
  suggested_rule: 'Bash',
  ...changes,
});

const policyOf = () => createPolicy({ rules: [], mode: 'default', cwd: '/work', paths: tablePaths() });
const never = new AbortController().signal;
const noCommit = () => Promise.resolve();

function code(expected: string, text: RegExp) {
  return (error: unknown) => error instanceof AworkersError && error.code === expected && text.test(error.text);
}

test('an answer is journaled before either side learns of it', async () => {
  const gate = createGate();
  const order: string[] = [];
  const asked = gate
    .ask(request('r1'), async (resolution) => void order.push(`commit ${resolution.allow}`), never)
    .then((resolution) => (order.push('asker'), resolution));
  const answered = await gate.resolve({ request_id: 'r1', allow: true, reason: 'fine' }, 'host');
  order.push('answerer');
  const expected: Resolution = { allow: true, reason: 'fine', scope: 'once', decided_by: 'host' };
  assert.deepEqual(await asked, expected);
  assert.deepEqual(answered, { request: request('r1'), resolution: expected });
  assert.equal(order[0], 'commit true');
  assert.deepEqual(gate.pending(), []);
});

test('the second answer is a conflict that says how it was answered, also while the first is being journaled', async () => {
  const gate = createGate();
  const journal = Promise.withResolvers<void>();
  const asked = gate.ask(request('r1'), () => journal.promise, never);
  const first = gate.resolve({ request_id: 'r1', allow: false, reason: 'no network' }, 'cli');
  await assert.rejects(
    gate.resolve({ request_id: 'r1', allow: true }, 'host'),
    code('conflict', /already denied by cli \(no network\)/),
  );
  journal.resolve();
  await first;
  assert.equal((await asked).allow, false);
  await assert.rejects(gate.resolve({ request_id: 'r1', allow: true }, 'host'), code('conflict', /already denied/));
});

test('an unknown id is not_found', async () => {
  await assert.rejects(createGate().resolve({ request_id: 'x', allow: true }, 'host'), code('not_found', /x/));
});

test('an answer that cannot be journaled was not given', async () => {
  const gate = createGate();
  let full = true;
  const asked = gate.ask(request('r1'), () => (full ? Promise.reject(new Error('disk full')) : noCommit()), never);
  await assert.rejects(gate.resolve({ request_id: 'r1', allow: true }, 'host'), /disk full/);
  assert.deepEqual(gate.pending(), [request('r1')]);
  full = false;
  await gate.resolve({ request_id: 'r1', allow: true }, 'host');
  assert.equal((await asked).allow, true);
});

test('an abort withdraws the request', async () => {
  const gate = createGate();
  const stop = new AbortController();
  const asked = gate.ask(request('r1'), noCommit, stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(asked, /stopped/);
  assert.deepEqual(gate.pending(), []);
  await assert.rejects(gate.resolve({ request_id: 'r1', allow: true }, 'host'), code('not_found', /r1/));
});

test('scope worker answers what else this worker asks, and leaves other workers alone', async () => {
  const gate = createGate();
  gate.bind('w1', policyOf());
  gate.bind('w2', policyOf());
  const second = gate.ask(request('r2'), noCommit, never);
  void gate.ask(request('r3', { worker_id: 'w2' }), noCommit, never);
  void gate.ask(request('r1'), noCommit, never);
  const { resolution } = await gate.resolve({ request_id: 'r1', allow: true, scope: 'worker' }, 'host');
  assert.deepEqual(resolution, { allow: true, scope: 'worker', remembered_rule: 'Bash', decided_by: 'host' });
  assert.deepEqual(await second, {
    allow: true,
    reason: 'Allowed by Bash, which was given with another answer.',
    scope: 'once',
    decided_by: 'policy',
  });
  assert.deepEqual(
    gate.pending().map((each) => each.request_id),
    ['r3'],
  );
});

test('scope all reaches every worker, also those that start later', async () => {
  const gate = createGate();
  gate.bind('w2', policyOf());
  const other = gate.ask(request('r3', { worker_id: 'w2' }), noCommit, never);
  void gate.ask(request('r1'), noCommit, never);
  await gate.resolve({ request_id: 'r1', allow: true, scope: 'all' }, 'host');
  assert.equal((await other).decided_by, 'policy');
  const late = policyOf();
  gate.bind('w9', late);
  const call = { tool_use_id: 't', tool: 'Bash', input: { command: 'npm test' }, access: 'execute' } as const;
  assert.equal(late.evaluate(call).decision, 'allow');
});

test('a denial, and a request without a suggested rule, teach nothing', async () => {
  const gate = createGate();
  void gate.ask(request('r1'), noCommit, never);
  const denied = await gate.resolve({ request_id: 'r1', allow: false, scope: 'all' }, 'host');
  assert.deepEqual(denied.resolution, { allow: false, scope: 'once', decided_by: 'host' });
  const { suggested_rule: _, ...bare } = request('r2');
  void gate.ask(bare, noCommit, never);
  const once = await gate.resolve({ request_id: 'r2', allow: true, scope: 'all' }, 'host');
  assert.deepEqual(once.resolution, { allow: true, scope: 'once', decided_by: 'host' });
});

test('a request from a journal is answerable before any loop runs, and the loop then gets that answer', async () => {
  const gate = createGate();
  const journal: Resolution[] = [];
  gate.restore(request('r1'), async (resolution) => void journal.push(resolution));
  assert.deepEqual(gate.pending(), [request('r1')]);
  await gate.resolve({ request_id: 'r1', allow: true }, 'host');
  const expected: Resolution = { allow: true, scope: 'once', decided_by: 'host' };
  assert.deepEqual(journal, [expected]);
  assert.deepEqual(await gate.ask(request('r1'), () => Promise.reject(new Error('journaled twice')), never), expected);
});

test('a request that a journal shows as answered is a conflict', async () => {
  const gate = createGate();
  gate.restore(request('r1'), noCommit, { allow: true, scope: 'once', decided_by: 'host' });
  await assert.rejects(gate.resolve({ request_id: 'r1', allow: false }, 'host'), code('conflict', /approved by host/));
});

test('with nobody there, a request is denied and says which flag would allow it', async () => {
  const journal: Resolution[] = [];
  const asked = request('r1', { reason: 'npm test is not allowed by a rule.', suggested_rule: 'Bash(npm test:*)' });
  const resolution = await denyApprover.ask(asked, async (each) => void journal.push(each), never);
  assert.deepEqual(resolution, {
    allow: false,
    reason:
      "npm test is not allowed by a rule, and nobody is here to approve it. To allow it: --allow 'Bash(npm test:*)'",
    scope: 'once',
    decided_by: 'nobody',
  });
  assert.deepEqual(journal, [resolution]);
});
