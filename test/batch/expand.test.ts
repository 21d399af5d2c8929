// From the tasks of a file to those of a run: precedence, combinations, repeats, shards, ids and hashes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { expand, type Expansion } from '../../src/batch/expand.ts';
import { parseSweeps } from '../../src/batch/sweep.ts';
import type { FileTask } from '../../src/batch/task-file.ts';

const place = { file: 'tasks.jsonl', line: 1, column: 1 };
const noPrompt = () => Promise.reject(new Error('no such file'));

function run(tasks: readonly Partial<FileTask>[], given: Partial<Expansion> = {}) {
  const plain = { flags: { options: {} }, axes: [], repeat: 1 };
  return expand(
    tasks.map((task) => ({ prompt: 'Do it', ...task, place })),
    { ...plain, ...given },
  );
}

const sweep = (...specs: string[]) => parseSweeps(specs, noPrompt);

test('a sweep wins over the task, the task over the flags', async () => {
  const [task] = run([{ options: { temperature: 0.2, max_turns: 2 } }], {
    flags: { agent_type: 'Explore', options: { temperature: 0.9, top_k: 5 } },
    axes: await sweep('max-turns=7'),
  });
  assert.deepEqual([task?.options, task?.agent_type], [{ temperature: 0.2, top_k: 5, max_turns: 7 }, 'Explore']);
});

test('all combinations in the order of the command, then repeats; each id says which', async () => {
  const tasks = run([{ id: 'a' }], { axes: await sweep('temperature=0,0.5', 'model=x,y'), repeat: 2 });
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ['0,model=x', '0,model=y', '0.5,model=x', '0.5,model=y'].flatMap((rest) => [
      `a[temperature=${rest}]`,
      `a[temperature=${rest}]#2`,
    ]),
  );
  assert.deepEqual(tasks[2]?.combination, { temperature: '0', model: 'y' });
});

test('values of a sweep: booleans, budgets, lists, roles with commas, prompts of files', async () => {
  const axes = await parseSweeps(
    [
      'thinking=true,2048',
      'agent-type="You are calm, and brief.",Explore',
      'allowed-tools=Bash(a:*)',
      'prompt=@p.md,Hi',
    ],
    async (path) => `text of ${path}`,
  );
  assert.deepEqual(
    axes.map(({ values }) => values.map(({ change }) => change)),
    [
      [{ options: { thinking: true } }, { options: { thinking: { budget_tokens: 2048 } } }],
      [{ agent_type: 'You are calm, and brief.' }, { agent_type: 'Explore' }],
      [{ options: { allowed_tools: ['Bash(a:*)'] } }],
      [{ prompt: 'text of p.md' }, { prompt: 'Hi' }],
    ],
  );
});

test('every bad sweep is named', async () => {
  await assert.rejects(
    sweep('temperature', 'temprature=1', 'top_k=0', 'model=a', 'model=b', 'prompt=@x', 'effort=low,low'),
    {
      code: 'usage',
      message:
        '--sweep temperature: write key=value,value,… such as temperature=0,0.5,1; --sweep temprature=1: unknown key "temprature", did you mean "temperature"?; --sweep top_k: "0" Too small: expected number to be >=1; --sweep model=b: model was given twice; --sweep prompt: "@x" cannot be read: no such file; --sweep effort=low,low: a value is there twice.',
    },
  );
});

test('a swept prompt is a template for the rows of a csv file', async () => {
  const axes = await sweep('prompt=Hi {{name}}');
  assert.equal(run([{ cells: { name: 'Ann' } }], { axes })[0]?.prompt, 'Hi Ann');
  assert.throws(() => run([{ cells: { city: 'Rome' } }], { axes }), /\{\{name\}\} is not a column/);
});

test('without ids tasks are named by their content, wherever they stand; twins are told apart', () => {
  const [a, b, twin] = run([{ prompt: 'A' }, { prompt: 'B' }, { prompt: 'A' }]);
  const [b2, a2] = run([{ prompt: 'B' }, { prompt: 'A' }]);
  assert.deepEqual([a2?.id, b2?.id, twin?.id], [a?.id, b?.id, `${a?.id}-2`]);
});

const changes: readonly (readonly [what: string, task: Partial<FileTask>, changed: boolean])[] = [
  ['the prompt', { prompt: 'Do that' }, true],
  ['an option', { options: { temperature: 0.1 } }, true],
  ['the agent', { agent_type: 'Explore' }, true],
  ['a check', { checks: [{ matches: 'x' }] }, true],
  ['the description', { description: 'other' }, false],
  ['a limit', { options: { max_turns: 9, max_cost_usd: 1, timeout_seconds: 5 } }, false],
];

for (const [what, task, changed] of changes) {
  test(`${what} ${changed ? 'changes' : 'does not change'} the hash`, () => {
    assert.equal(run([{ id: 'a', ...task }])[0]?.hash !== run([{ id: 'a' }])[0]?.hash, changed);
  });
}

test('the order of keys does not change the hash', () => {
  const [a] = run([{ id: 'a', options: { top_k: 1, temperature: 0 } }]);
  const [b] = run([{ id: 'a', options: { temperature: 0, top_k: 1 } }]);
  assert.equal(a?.hash, b?.hash);
});

test('shards share the tasks out: each is in exactly one', () => {
  const tasks = Array.from({ length: 10 }, (_, index) => ({ id: `t${index}` }));
  const shards = [1, 2, 3].map((index) => run(tasks, { shard: { index, count: 3 } }).map(({ id }) => id));
  assert.deepEqual(
    shards.map((shard) => shard.length),
    [4, 3, 3],
  );
  assert.deepEqual(shards.flat().toSorted(), tasks.map(({ id }) => id).toSorted());
});
