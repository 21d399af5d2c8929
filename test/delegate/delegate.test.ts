// Workers of workers, on the real app: who may have them, what they cost, what they may, who hears of them, and how they end.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { AppConfig, Grants } from '../../src/app-config.ts';
import { isToolResult, toBlocks } from '../../src/contract/message.ts';
import { type Script, toolUse, type Turn } from '../fakes/messages-api.ts';
import { faultWorld, type FaultWorld } from '../faults/world.ts';

const ask = (prompt: string, more: Record<string, string> = {}) =>
  toolUse('Task', { description: prompt, prompt, ...more });

const granted = (allow: readonly string[]): Pick<AppConfig, 'grants'> => {
  const grants: Grants = { allow, deny: [], trustProject: false, trustCaller: false };
  return { grants };
};

/** Steps by the worker's prompt: the nth reply is the nth step, then "Done." */
function scripted(steps: Readonly<Record<string, readonly unknown[]>>): Script {
  return ({ conversation, replies }: Turn) => {
    const name = conversation.split('\n').at(-1) ?? '';
    return (steps[name]?.[replies] ?? `${name} is done.`) as string;
  };
}

async function delegating(
  t: TestContext,
  steps: Readonly<Record<string, readonly unknown[]>>,
  given: Partial<AppConfig> = {},
): Promise<FaultWorld> {
  return faultWorld(t, { script: scripted(steps) }, { ...granted(['Task', 'Bash']), ...given });
}

async function results(world: FaultWorld, id: string): Promise<readonly string[]> {
  const { history } = await world.manager.read(id);
  return history.messages
    .flatMap((message) => toBlocks(message.content))
    .filter(isToolResult)
    .map(({ content = '', is_error }) => `${is_error === true ? 'error' : 'ok'}: ${JSON.stringify(content)}`);
}

const toolsOf = (world: FaultWorld, n: number) =>
  (world.api.requests[n]!.body as { tools: { name: string }[] }).tools.map(({ name }) => name);

test("a child does its part: its result and log come back, its cost is the parent's, list and log tell whose it is", async (t) => {
  const world = await delegating(t, { top: [ask('part')] });
  const { completed } = await world.run('top');
  const [top] = completed;
  assert.equal(completed.length, 1);
  const lines = await world.manager.list();
  const child = lines.find(({ parent_id }) => parent_id === top?.worker_id);
  assert.equal(lines.length, 2);
  const told = (await results(world, top!.worker_id))[0]!;
  for (const part of ['ok: ', 'part is done.', child!.worker_id, world.manager.transcriptPath(child!.worker_id)]) {
    assert.ok(told.includes(part), `${told} lacks ${part}`);
  }
  const replies = world.of('model.replied').reduce((sum, { cost_usd }) => sum + (cost_usd ?? NaN), 0);
  assert.ok(Math.abs(top!.total_cost_usd! - replies) < 1e-9);
  assert.ok(child!.total_cost_usd! < top!.total_cost_usd!);
  const log = JSON.parse(await readFile(world.manager.transcriptPath(child!.worker_id), 'utf8')) as {
    parent_id: string;
  };
  assert.equal(log.parent_id, top!.worker_id);
});

test('only who is named Task may delegate, and two generations down nobody may', async (t) => {
  const world = await delegating(t, { a: [ask('b')], b: [ask('c')], c: [ask('d')] });
  await world.run('a');
  assert.deepEqual(
    [0, 1, 2].map((n) => toolsOf(world, n).includes('Task')),
    [true, true, false],
  );
  assert.equal(world.of('worker.spawned').length, 3);
  const plain = await faultWorld(t, { script: () => 'Done.' });
  await plain.run('a');
  assert.deepEqual(toolsOf(plain, 0), ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write']);
  const denied = await faultWorld(
    t,
    { script: () => 'Done.' },
    { grants: { ...granted(['Task']).grants, deny: ['Agent'] } },
  );
  await denied.run('a');
  assert.ok(!toolsOf(denied, 0).includes('Task'));
});

test('side by side with one slot: a parent that waits holds none', async (t) => {
  const both = [[ask('left'), ask('right')]];
  const world = await delegating(t, { top: both, left: [ask('deep')] }, { maxConcurrency: 1 });
  const { completed } = await world.run('top');
  assert.equal(completed[0]?.result, 'top is done.');
  assert.equal((await world.manager.list({ status: 'completed' })).length, 4);
});

test('the budget is one: what children spend ends the parent, and a child gets only the rest', async (t) => {
  const busy = Array.from({ length: 20 }, () => toolUse('Bash', { command: 'true' }));
  const world = await delegating(t, { top: [[ask('left'), ask('right')], ask('more')], left: busy, right: busy });
  const { failed } = await world.run('top', { max_cost_usd: 0.006 });
  const spent = failed[0]?.total_cost_usd ?? NaN;
  assert.equal(failed[0]?.error_type, 'max_cost');
  const ended = (await world.manager.list()).filter(({ parent_id }) => parent_id !== undefined);
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['failed', 'failed'],
  );
  const dearest = Math.max(...world.of('model.replied').map(({ cost_usd }) => cost_usd ?? 0));
  assert.ok(spent >= 0.006 && spent < 0.006 + 3 * dearest, `${spent}`);
  const turns = await delegating(t, { top: [ask('left')], left: busy });
  await turns.run('top', { max_turns: 3 });
  const child = (await turns.manager.list()).find(({ parent_id }) => parent_id !== undefined);
  assert.deepEqual([child?.status, child?.num_turns], ['failed', 2]);
});

test('a child has no tool and no right that its parent lacks', async (t) => {
  const world = await faultWorld(
    t,
    {
      script: scripted({
        top: [ask('bold', { subagent_type: 'bold' })],
        bold: [toolUse('Write', { file_path: 'x', content: 'x' }), toolUse('Bash', { command: 'touch y' })],
      }),
    },
    { ...granted(['Task']), approver: 'nobody' },
  );
  const agents = join(world.folder, 'home', '.claude', 'agents');
  await mkdir(agents, { recursive: true });
  await writeFile(join(agents, 'bold.md'), '---\nname: bold\npermissionMode: bypassPermissions\n---\nBe bold.\n');
  await writeFile(join(agents, 'meek.md'), '---\nname: meek\ntools: Read, Task\n---\nBe meek.\n');
  await world.run('top');
  assert.deepEqual([existsSync(join(world.folder, 'x')), existsSync(join(world.folder, 'y'))], [false, false]);
  assert.equal(world.of('permission.resolved').filter(({ resolution }) => !resolution.allow).length, 2);
  const before = world.api.requests.length;
  const { worker_id } = await world.manager.spawn({ description: 'd', prompt: 'top', agent_type: 'meek' });
  await world.manager.wait({ worker_ids: [worker_id] });
  assert.deepEqual(toolsOf(world, before + 1), ['Read', 'Task']);
});

test('wait speaks of the parent alone and shows what its child asks; the answer reaches the child', async (t) => {
  const world = await delegating(
    t,
    { top: [ask('part')], part: [toolUse('Bash', { command: 'touch made' })] },
    granted(['Task']),
  );
  const id = await world.spawn('top');
  const [asked, named] = await Promise.all([world.manager.wait({}), world.manager.wait({ worker_ids: [id] })]);
  assert.deepEqual(named, asked);
  const [request] = asked.pending_permissions;
  assert.deepEqual(
    asked.running.map(({ worker_id }) => worker_id),
    [id],
  );
  assert.deepEqual([request?.description, request?.tool, request?.worker_id === id], ['top', 'Bash', false]);
  await world.manager.approve({ request_id: request!.request_id, allow: true });
  const { completed, pending_permissions } = await world.manager.wait({});
  assert.deepEqual([completed.map(({ worker_id }) => worker_id), pending_permissions], [[id], []]);
  assert.ok(existsSync(join(world.folder, 'made')));
});

test('stopping a parent stops its children, queued ones too; its Task call names the child, which can go on', async (t) => {
  const world = await delegating(t, {
    top: [ask('slow'), 'Stopped there.'],
    slow: [toolUse('Bash', { command: 'touch began; sleep 600' })],
  });
  const id = await world.spawn('top');
  while (!existsSync(join(world.folder, 'began'))) await new Promise(setImmediate);
  await world.manager.stop(id);
  const lines = await world.manager.list();
  assert.deepEqual(
    lines.map(({ status }) => status),
    ['stopped', 'stopped'],
  );
  const child = lines.find(({ parent_id }) => parent_id === id)!;
  assert.match((await results(world, id))[0]!, new RegExp(`resume .{1,2}"?${child.worker_id}`));
});

test('resume goes on with an own child, in its conversation, and refuses another', async (t) => {
  const world = await faultWorld(
    t,
    {
      script: ({ conversation, replies, toolResults, call }: Turn) => {
        if (!conversation.endsWith('top'))
          return `heard ${JSON.stringify(call.body.messages)
            .match(/part one|part two/g)
            ?.join()}`;
        const id = /worker ([\w-]{36})/.exec(toolResults[0]?.text ?? '')?.[1] ?? '';
        return (
          [ask('part one'), ask('part two', { resume: id }), ask('part three', { resume: crypto.randomUUID() })][
            replies
          ] ?? 'Done.'
        );
      },
    },
    granted(['Task']),
  );
  const { completed } = await world.run('top');
  const told = await results(world, completed[0]!.worker_id);
  assert.match(told[0]!, /^ok: .*heard part one"/);
  assert.match(told[1]!, /^ok: .*heard (part one,)+part two"/);
  assert.match(told[2]!, /^error: .*is not one of yours/);
  assert.equal(world.of('worker.spawned').length, 2);
  const replies = world.of('model.replied').reduce((sum, { cost_usd }) => sum + (cost_usd ?? NaN), 0);
  assert.ok(Math.abs(completed[0]!.total_cost_usd! - replies) < 1e-9);
});

test('a plan is kept by TodoWrite: in list, in progress, in the log, and only for who names it', async (t) => {
  const todo = (status: string) => ({ content: 'Run it', status, activeForm: 'Running it' });
  const world = await faultWorld(
    t,
    {
      script: scripted({
        top: [
          toolUse('TodoWrite', { todos: [todo('completed'), todo('in_progress')] }),
          toolUse('TodoWrite', { todos: [{ ...todo('completed'), status: 'odd' }] }),
          toolUse('Bash', { command: 'touch y' }),
        ],
      }),
    },
    granted(['TodoWrite']),
  );
  const id = await world.spawn('top');
  await world.manager.wait({});
  assert.equal((await world.manager.list())[0]?.todo, '1/2 Running it');
  assert.match(world.manager.progress(), /"top" 1\/2 Running it/);
  await world.manager.stop(id);
  const log = JSON.parse(await readFile(world.manager.transcriptPath(id), 'utf8')) as { todos: unknown };
  assert.deepEqual(log.todos, [todo('completed'), todo('in_progress')]);
  assert.match((await results(world, id))[1]!, /^error: .*Invalid input/);
});
