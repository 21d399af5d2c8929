// A person at a terminal answers through the gate: rules are learned, races are settled there, and nothing is asked twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { PermissionRequest, Resolution } from '../../src/contract/permission.ts';
import type { Approver, Policy } from '../../src/contract/ports.ts';
import { createGate } from '../../src/permission/index.ts';
import { throughGate } from '../../src/through-gate.ts';

const rule = 'Bash(npm test:*)';

function request(request_id: string, worker_id = 'w1'): PermissionRequest {
  return {
    request_id,
    worker_id,
    description: 'd',
    tool: 'Bash',
    tool_use_id: `toolu_${request_id}`,
    input: { command: 'npm test' },
    reason: 'No rule allows it.',
    suggested_rule: rule,
  };
}

const once: Resolution = { allow: true, scope: 'once', decided_by: 'cli' };
const always: Resolution = { allow: true, scope: 'all', remembered_rule: rule, decided_by: 'cli' };

/** Answers as told; `withdrawn` lists the questions that were taken back. */
function person(answers: Readonly<Record<string, Resolution>>): Approver & { readonly withdrawn: string[] } {
  const withdrawn: string[] = [];
  return {
    withdrawn,
    ask: async ({ request_id }, commit, signal) => {
      const answer = answers[request_id];
      if (answer !== undefined) {
        await commit(answer);
        return answer;
      }
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          withdrawn.push(request_id);
          reject(signal.reason as Error);
        });
      });
    },
  };
}

function policy(): Policy & { readonly rules: string[] } {
  const rules: string[] = [];
  return {
    rules,
    remember: (text) => rules.push(text),
    evaluate: () => ({ decision: rules.includes(rule) ? 'allow' : 'ask', reason: '', parts: [] }),
  };
}

function recorder(): { readonly committed: Resolution[]; readonly commit: (resolution: Resolution) => Promise<void> } {
  const committed: Resolution[] = [];
  return {
    committed,
    commit: async (resolution) => {
      committed.push(resolution);
    },
  };
}

const never = new AbortController().signal;

test('an answer is journaled once, as that of the terminal', async () => {
  const { commit, committed } = recorder();
  assert.deepEqual(await throughGate(createGate(), person({ a: once })).ask(request('a'), commit, never), once);
  assert.deepEqual(committed, [once]);
});

test('"always" reaches every worker, and takes back what it answers', async () => {
  const gate = createGate();
  const [own, other] = [policy(), policy()];
  gate.bind('w1', own);
  gate.bind('w2', other);
  const at = person({ a: always });
  const approver = throughGate(gate, at);
  const { commit } = recorder();
  const waiting = approver.ask(request('b', 'w2'), commit, never);
  assert.deepEqual(await approver.ask(request('a'), commit, never), always);
  assert.deepEqual([own.rules, other.rules], [[rule], [rule]]);
  const { allow, decided_by } = await waiting;
  assert.deepEqual(
    { allow, decided_by, withdrawn: at.withdrawn },
    { allow: true, decided_by: 'policy', withdrawn: ['b'] },
  );
});

test('an answer from elsewhere wins when it is first; the question is taken back', async () => {
  const gate = createGate();
  const at = person({});
  const answer = throughGate(gate, at).ask(request('a'), recorder().commit, never);
  await gate.resolve({ request_id: 'a', allow: false, reason: 'no' }, 'host');
  assert.deepEqual(await answer, { allow: false, reason: 'no', scope: 'once', decided_by: 'host' });
  assert.deepEqual(at.withdrawn, ['a']);
});

test('an answer that comes second changes nothing', async () => {
  const gate = createGate();
  const { committed, commit } = recorder();
  const late: Approver = {
    ask: async ({ request_id }, resolve) => {
      await gate.resolve({ request_id, allow: false }, 'host');
      await resolve(once);
      return once;
    },
  };
  const denied = { allow: false, scope: 'once', decided_by: 'host' };
  assert.deepEqual(await throughGate(gate, late).ask(request('a'), commit, never), denied);
  assert.deepEqual(committed, [denied]);
});

test('a stopped worker takes its question back', async () => {
  const stopped = new AbortController();
  const at = person({});
  const answer = throughGate(createGate(), at).ask(request('a'), recorder().commit, stopped.signal);
  stopped.abort(new Error('stopped'));
  await assert.rejects(answer, /stopped/);
  assert.deepEqual(at.withdrawn, ['a']);
});

test('a prompt that breaks is an error, never an approval', async () => {
  const broken: Approver = { ask: () => Promise.reject(new Error('no screen')) };
  await assert.rejects(throughGate(createGate(), broken).ask(request('a'), recorder().commit, never), /no screen/);
});
