// Permissions put to the client's human (approve: 'client').
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { calls, says } from '../fakes/scripted-model.ts';
import { managerWorld } from '../manager/world.ts';
import { connect, textsOf } from './connect.ts';

type Question = {
  readonly message: string;
  readonly requestedSchema: { readonly properties: Record<string, unknown> };
};
type Answer = (question: Question, signal: AbortSignal) => ElicitResult | Promise<ElicitResult>;

const never = () => new Promise<ElicitResult>(() => undefined);

async function withHuman(t: TestContext, answer: Answer, timeoutMs = 5_000) {
  const world = await managerWorld(t);
  const questions: Question[] = [];
  const connected = await connect(
    world.manager,
    { approve: 'client', humanTimeoutMs: timeoutMs },
    { elicitation: { form: {} } },
    (client) =>
      client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => {
        const question = params as unknown as Question;
        questions.push(question);
        return answer(question, signal);
      }),
  );
  const { call } = connected;
  const worker = textsOf(await call('spawn_worker', { description: 'File creator', prompt: 'p' }))[0]!;
  const first = await world.asked('p');
  return { ...world, ...connected, questions, worker, ask: () => first.answer(calls(['t1', 'Make', { what: 'x' }])) };
}

type Waited = {
  readonly completed: readonly unknown[];
  readonly pending_permissions: readonly { readonly request_id: string; readonly worker_id: string }[];
  readonly running: readonly { readonly worker_id: string; readonly status: string }[];
};

test('accept allows: the wait goes on and never shows the request to the model', async (t) => {
  const human = await withHuman(t, () => ({ action: 'accept', content: { scope: 'worker' } }));
  const waiting = human.call('wait');
  human.ask();
  (await human.asked('p')).answer(calls(['t2', 'Make', { what: 'y' }])); // remembered: not asked again
  (await human.asked('p')).answer(says('made'));
  const { completed, pending_permissions } = (await waiting).structuredContent as Waited;
  assert.deepEqual([completed.length, pending_permissions, human.questions.length], [1, [], 1]);
  assert.equal(
    human.questions[0]?.message,
    'Worker "File creator" wants to use Make.\n\nit changes things\n\n{\n "what": "x"\n}',
  );
  assert.deepEqual(Object.keys(human.questions[0]?.requestedSchema.properties ?? {}), ['scope']);
});

test('decline denies, and the worker learns it', async (t) => {
  const human = await withHuman(t, () => ({ action: 'decline' }));
  const waiting = human.call('wait');
  human.ask();
  const next = await human.asked('p');
  assert.match(JSON.stringify(next.request.messages.at(-1)), /"is_error":true/);
  next.answer(says('not made'));
  assert.equal(((await waiting).structuredContent as Waited).completed.length, 1);
});

test('cancel, and a human who is not there in time, fall back to wait', async (t) => {
  for (const answer of [() => ({ action: 'cancel' }) as const, never]) {
    const human = await withHuman(t, answer, 30);
    const waiting = human.call('wait');
    human.ask();
    const { pending_permissions } = (await waiting).structuredContent as Waited;
    assert.equal(pending_permissions[0]?.worker_id, human.worker);
    assert.match(human.logged.join('\n'), /goes to wait/);
    const { request_id } = pending_permissions[0];
    assert.equal((await human.call('approve_permission', { request_id, allow: true })).isError, undefined);
  }
});

test('one question at a time; those that wait their turn are hidden from the model too', async (t) => {
  const human = await withHuman(t, never);
  const other = textsOf(await human.call('spawn_worker', { description: 'other', prompt: 'q' }))[0]!;
  const first = await human.asked('q');
  const requested = new Promise<void>((resolve) => {
    let count = 0;
    human.manager.subscribe((event) => event.type === 'permission.requested' && (count += 1) === 2 && resolve());
  });
  human.ask();
  first.answer(calls(['t1', 'Make', { what: 'q' }]));
  await requested;
  const { pending_permissions, running } = (await human.call('wait', { timeout_seconds: 0.05 }))
    .structuredContent as Waited;
  assert.deepEqual(pending_permissions, []);
  assert.deepEqual(
    running.map((entry) => [entry.worker_id, entry.status]),
    [
      [human.worker, 'awaiting_permission'],
      [other, 'awaiting_permission'],
    ],
  );
  assert.equal(human.questions.length, 1);
});

test('a question that goes to wait does not bring the others along', async (t) => {
  const human = await withHuman(t, ({ message }) => (message.includes('"x"') ? { action: 'cancel' } : never()));
  await human.call('spawn_worker', { description: 'other', prompt: 'q' });
  (await human.asked('q')).answer(calls(['t1', 'Make', { what: 'q' }]));
  const waiting = human.call('wait');
  // In this order: the question about "q" is open, and the one about "x" waits behind it.
  human.ask();
  const early = await human.call('wait', { timeout_seconds: 0.05 });
  assert.deepEqual((early.structuredContent as Waited).pending_permissions, []);
  const asked = human.events.map(({ event }) => (event.type === 'permission.requested' ? event.request : undefined));
  const about = (what: string) => asked.find((request) => request?.input['what'] === what)?.request_id ?? '';
  await human.manager.approve({ request_id: about('q'), allow: true }); // withdrawn: now "x" is asked, and cancelled
  const { pending_permissions } = (await waiting).structuredContent as Waited;
  assert.deepEqual(
    pending_permissions.map((entry) => entry.worker_id),
    [human.worker],
  );
});

test('an answer given elsewhere withdraws the question', async (t) => {
  const withdrawn = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let count = 0;
  const human = await withHuman(t, (_question, signal) => {
    count += 1;
    // The SDK's client ignores the cancellation of request 0, the first that a server sends.
    if (count === 1) return { action: 'accept', content: {} };
    asked.resolve();
    signal.addEventListener('abort', () => withdrawn.resolve());
    return never();
  });
  human.ask();
  (await human.asked('p')).answer(calls(['t2', 'Make', { what: 'y' }]));
  await asked.promise;
  const requested = human.events.findLast(({ event }) => event.type === 'permission.requested')?.event;
  const request_id = requested?.type === 'permission.requested' ? requested.request.request_id : '';
  await human.manager.approve({ request_id, allow: true });
  await withdrawn.promise;
});

test('a client without elicitation gets its requests from wait', async (t) => {
  const world = await managerWorld(t);
  const { call } = await connect(world.manager, { approve: 'client' });
  await call('spawn_worker', { description: 'd', prompt: 'p' });
  (await world.asked('p')).answer(calls(['t1', 'Make', { what: 'x' }]));
  assert.equal(((await call('wait')).structuredContent as Waited).pending_permissions.length, 1);
});
