// Permissions put to the client's human (approve: 'client').
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { InMemoryManager } from '../fakes/in-memory-manager.ts';
import { connect, textsOf } from './connect.ts';

type Question = { message: string; requestedSchema: { properties: Record<string, unknown> } };

async function withHuman(answer: (question: Question) => ElicitResult | Promise<ElicitResult>, timeoutMs = 5_000) {
  const manager = new InMemoryManager();
  const questions: Question[] = [];
  const answers = (client: Client) =>
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      const question = params as unknown as Question;
      questions.push(question);
      return answer(question);
    });
  const connected = await connect(
    manager,
    { approve: 'client', humanTimeoutMs: timeoutMs },
    { elicitation: { form: {} } },
    answers,
  );
  const worker = textsOf(await connected.call('spawn_worker', { description: 'File creator', prompt: 'p' }))[0]!;
  return { ...connected, manager, questions, worker };
}

type Waited = Record<'completed' | 'pending_permissions' | 'running', { worker_id: string; status?: string }[]>;

test('accept allows: the wait goes on and never shows the request to the model', async () => {
  const { manager, call, worker, questions } = await withHuman(() => ({
    action: 'accept',
    content: { scope: 'worker' },
  }));
  const answers: unknown[] = [];
  const approve = manager.approve.bind(manager);
  manager.approve = async (answer) => {
    answers.push(answer);
    const answered = await approve(answer);
    manager.complete(worker);
    return answered;
  };
  const waiting = call('wait');
  const request_id = manager.ask(worker, { suggested_rule: 'Bash(touch x)', preview: '+Hello World' });
  const { completed, pending_permissions } = (await waiting).structuredContent as Waited;
  assert.deepEqual([completed.length, pending_permissions.length], [1, 0]);
  assert.deepEqual(answers, [{ request_id, allow: true, scope: 'worker' }]);
  assert.equal(questions[0]?.message, 'Worker "File creator" wants to use Bash.\n\nNo rule allows it.\n\n+Hello World');
  assert.deepEqual(Object.keys(questions[0]?.requestedSchema.properties ?? {}), ['scope']);
});

test('decline denies', async () => {
  const { manager, call, worker, questions } = await withHuman(() => ({ action: 'decline' }));
  const resolved = new Promise((resolve) =>
    manager.subscribe((event) => event.type === 'permission.resolved' && resolve(event.resolution.allow)),
  );
  const waiting = call('wait');
  manager.ask(worker);
  assert.equal(await resolved, false);
  manager.complete(worker);
  assert.equal(((await waiting).structuredContent as Waited).completed.length, 1);
  assert.deepEqual(questions[0]?.requestedSchema.properties, {});
});

test('cancel, and a human who is not there in time, fall back to wait', async () => {
  for (const answer of [() => ({ action: 'cancel' }) as const, () => new Promise<ElicitResult>(() => undefined)]) {
    const { manager, call, worker, logged } = await withHuman(answer, 30);
    const waiting = call('wait');
    const request_id = manager.ask(worker);
    const { pending_permissions } = (await waiting).structuredContent as {
      pending_permissions: { request_id: string }[];
    };
    assert.deepEqual(
      pending_permissions.map((entry) => entry.request_id),
      [request_id],
    );
    assert.match(logged.join('\n'), /goes to wait/);
    assert.equal((await call('approve_permission', { request_id, allow: true })).isError, undefined);
  }
});

test('one question at a time, and one that goes to wait does not bring the others along', async () => {
  let open = 0;
  let most = 0;
  const second = Promise.withResolvers<ElicitResult>();
  const { manager, call, worker } = await withHuman(async ({ message }) => {
    most = Math.max(most, (open += 1));
    const result = message.includes('first') ? ({ action: 'cancel' } as const) : await second.promise;
    open -= 1;
    return result;
  });
  const waiting = call('wait');
  const first = manager.ask(worker, { reason: 'first' });
  manager.ask(worker, { reason: 'second' });
  const { pending_permissions, running } = (await waiting).structuredContent as {
    pending_permissions: { request_id: string }[];
    running: { worker_id: string; status: string }[];
  };
  assert.deepEqual(
    pending_permissions.map((entry) => entry.request_id),
    [first],
  );
  assert.deepEqual(
    running.map((entry) => [entry.worker_id, entry.status]),
    [[worker, 'awaiting_permission']],
  );
  second.resolve({ action: 'accept', content: {} });
  assert.equal(most, 1);
});

test('a timed wait returns while the human still thinks, with the worker under running', async () => {
  const { manager, call, worker } = await withHuman(() => new Promise<ElicitResult>(() => undefined));
  const waiting = call('wait', { timeout_seconds: 0.05 });
  manager.ask(worker);
  const { pending_permissions, running } = (await waiting).structuredContent as Waited;
  assert.deepEqual([pending_permissions, running.map((entry) => entry.status)], [[], ['awaiting_permission']]);
});

test('an answer given elsewhere withdraws the question', async () => {
  const withdrawn = Promise.withResolvers<void>();
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const manager = new InMemoryManager();
  const { call } = await connect(manager, { approve: 'client' }, { elicitation: { form: {} } }, (client) =>
    client.setRequestHandler(ElicitRequestSchema, (_request, { signal }): ElicitResult | Promise<ElicitResult> => {
      asked[count++]?.resolve();
      // The SDK's client ignores the cancellation of request 0, the first that a server sends.
      if (count === 1) return { action: 'cancel' };
      signal.addEventListener('abort', () => withdrawn.resolve());
      return new Promise<ElicitResult>(() => undefined);
    }),
  );
  const worker = textsOf(await call('spawn_worker', { description: 'd', prompt: 'p' }))[0]!;
  manager.ask(worker);
  await asked[0]?.promise;
  const request_id = manager.ask(worker);
  await asked[1]?.promise;
  await manager.approve({ request_id, allow: true });
  await withdrawn.promise;
});

test('a client without elicitation gets its requests from wait', async () => {
  const manager = new InMemoryManager();
  const { call } = await connect(manager, { approve: 'client' });
  const worker = textsOf(await call('spawn_worker', { description: 'd', prompt: 'p' }))[0]!;
  manager.ask(worker);
  assert.equal(((await call('wait')).structuredContent as Waited).pending_permissions.length, 1);
});
