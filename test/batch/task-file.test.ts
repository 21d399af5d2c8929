// Task files of every format, through the door of the room: what they mean, and every problem with its place, all at once.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type FileTask, readTaskFile, type TaskFileNeeds } from '../../src/batch/task-file.ts';

type Needs = Partial<TaskFileNeeds>;

async function read(t: TestContext, name: string, text: string | Uint8Array, needs: Needs = {}): Promise<FileTask[]> {
  const folder = await mkdtemp(join(tmpdir(), 'aworkers-tasks-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  const { tasks } = await readTaskFile(join(folder, name), name, {
    promptSwept: false,
    judges: {
      schema: async (schema) => (schema['type'] === 'nonsense' ? 'there is no type "nonsense"' : undefined),
      pattern: async (pattern) => (pattern === '[' ? 'is none' : undefined),
    },
    ...needs,
  });
  return [...tasks];
}

const bare = (tasks: readonly FileTask[]) => tasks.map(({ place: _place, cells: _cells, ...task }) => task);

const same = [
  { id: 'a', prompt: 'Do A', agent_type: 'Explore', options: { max_turns: 3, temperature: 0.5 } },
  { description: 'The other', prompt: 'Do B', agent_type: 'me', options: { max_turns: 9 }, checks: [{ matches: 'x' }] },
];

const files: readonly (readonly [name: string, text: string])[] = [
  [
    'tasks.jsonl',
    `\ufeff{"id":"a","prompt":"Do A","agent_type":"Explore","options":{"max_turns":3,"temperature":0.5}}\r\n\n{"description":"The other","prompt":"Do B","agent_type":"me","options":{"max_turns":9},"checks":[{"matches":"x"}]}`,
  ],
  ['list.json', JSON.stringify(same, null, 2)],
  [
    'with-defaults.json',
    JSON.stringify({
      defaults: { agent_type: 'Explore', options: { max_turns: 3 } },
      tasks: [{ id: 'a', prompt: 'Do A', options: { temperature: 0.5 } }, same[1]],
    }),
  ],
  [
    'tasks.yaml',
    `defaults: {agent_type: Explore, options: {max_turns: 3}}
tasks:
  - id: a
    prompt: Do A
    options: {temperature: 0.5}
  - description: The other
    prompt: Do B
    agent_type: me
    options: {max_turns: 9}
    checks: [{matches: x}]
`,
  ],
];

for (const [name, text] of files) {
  test(`${name} holds the tasks as they were meant`, async (t) => {
    assert.deepEqual(bare(await read(t, name, text)), same);
  });
}

test('csv: quotes, line breaks and commas in cells; a template; options by column', async (t) => {
  const text =
    'id,name,city,options.temperature,options.thinking\r\nx,"Ann ""A""","Rome, IT",0.5,\r\ny,"Bo\nB",{{name}},,2048\r\n';
  const tasks = await read(t, 'people.csv', text, { template: 'Hi {{ name }} in {{city}}, \\{{literal}}' });
  assert.deepEqual(bare(tasks), [
    { id: 'x', prompt: 'Hi Ann "A" in Rome, IT, {{literal}}', options: { temperature: 0.5 } },
    { id: 'y', prompt: 'Hi Bo\nB in {{name}}, {{literal}}', options: { thinking: { budget_tokens: 2048 } } },
  ]);
  assert.deepEqual(
    tasks.map(({ place: { line, column } }) => [line, column]),
    [
      [2, 1],
      [3, 1],
    ],
  );
});

test('md: a task per ## heading; fences, ### and the text before belong to no heading; front matter gives defaults', async (t) => {
  const text = `---
agent_type: Explore
options: {max_turns: 3}
---
# For people

Not a task.

## first: The first one
Do it.
### Part of it
~~~md
## not a heading
~~~
## Über den *zweiten* Task ##

Do that.
`;
  assert.deepEqual(bare(await read(t, 'tasks.md', text)), [
    {
      agent_type: 'Explore',
      options: { max_turns: 3 },
      id: 'first',
      description: 'The first one',
      prompt: 'Do it.\n### Part of it\n~~~md\n## not a heading\n~~~',
    },
    {
      agent_type: 'Explore',
      options: { max_turns: 3 },
      id: 'über-den-zweiten-task',
      description: 'Über den *zweiten* Task',
      prompt: 'Do that.',
    },
  ]);
});

const bad: readonly (readonly [
  intent: string,
  name: string,
  text: string,
  problems: readonly string[],
  needs?: Needs,
])[] = [
  ['an empty file', 'e.jsonl', '', ['e.jsonl:1:1: there is no task']],
  [
    'every bad line of a jsonl file',
    'b.jsonl',
    '{"prompt":"ok","id":"a"}\n[1]\n{"prompt":"x"\n{"prompt":"y","id":"a"}\n{"id":"b"}\n',
    [
      'b.jsonl:2:1: Invalid input: expected object, received array',
      'b.jsonl:3:14: not JSON: Flow map must end with a }',
      'b.jsonl:4:20: the id "a" is already that of line 1',
      'b.jsonl:5:1: the task has no prompt',
    ],
  ],
  ['single quotes', 'q.json', "[\n  {'prompt': 'x'}\n]", ['q.json:2:4: not JSON: "prompt" needs double quotes']],
  [
    'a comma too many',
    'c.json',
    '[\n  {"prompt": "x"},\n]',
    ['c.json:2:18: not JSON: a comma before the closing bracket'],
  ],
  ['yaml in a json file', 'y.json', '- prompt: x\n', ['y.json:1:1: not JSON: this is YAML without brackets']],
  [
    'keys that are not known, at any depth',
    'k.yaml',
    'tasks:\n  - prompt: x\n    option: {}\n  - prompt: y\n    options:\n      temprature: 1\ndefault: {}\n',
    [
      'k.yaml:3:5: unknown key "option", did you mean "options"?',
      'k.yaml:6:7: unknown key "options.temprature", did you mean "temperature"?',
      'k.yaml:7:1: unknown key "default" (known: defaults, tasks)',
    ],
  ],
  [
    'yaml that is none, twice',
    'n.yaml',
    'tasks:\n  - prompt: "x\n  - a: 1\n   b: 2\n',
    ['n.yaml:5:1: Missing closing "quote'],
  ],
  ['a file that is no list', 'o.yaml', 'prompt: x\n', ['o.yaml:1:1: unknown key "prompt" (known: defaults, tasks)']],
  [
    'checks',
    'h.yaml',
    '- prompt: x\n  checks:\n    - {matches: "x"}\n    - {file_exists: a, command: b}\n- prompt: y\n  checks: [{json_schema: {type: nonsense}}, {matches: "["}]\n',
    [
      'h.yaml:4:7: checks.1: a check is one of file_exists, command, matches, json_schema, not file_exists and command',
      'h.yaml:6:26: json_schema: there is no type "nonsense"',
      'h.yaml:6:55: matches: the pattern is none',
    ],
  ],
  [
    'a schema file that is not there',
    's.yaml',
    '- prompt: x\n  checks: [{json_schema: "@none.json"}]\n',
    ['s.yaml:2:26: json_schema: '],
  ],
  [
    'csv rows of the wrong length, behind a cell with a line break',
    'r.csv',
    'id,prompt\na,"x\ny"\nb\nc,z,more\n',
    ['r.csv:4:1: this row has 1 cells, the head has 2', 'r.csv:5:1: this row has 3 cells, the head has 2'],
  ],
  [
    'a bad cell, at its column',
    'v.csv',
    'id,prompt,options.temperature\na,"x, y",7\nb,,0\n',
    ['v.csv:2:10: options.temperature: Too big', 'v.csv:3:1: the task has no prompt'],
  ],
  [
    'a template without its column',
    't.csv',
    'name\nAnn\n',
    ['t.csv:1:1: --prompt: {{nam}} is not a column, did you mean "name"?'],
    { template: '{{nam}} {{name}}' },
  ],
  ['csv without prompts', 'p.csv', 'name\nAnn\n', ['p.csv:1:1: there is no column "prompt"']],
  ['front matter without its end', 'f.md', '---\na: 1\n## x\ny\n', ['f.md:1:1: the front matter is not closed']],
  ['a section without text', 'm.md', '## a\n\n## b\nx\n', ['m.md:1:1: prompt: must not be empty']],
  ['a bad default', 'd.md', '---\noptions: {top_k: 0}\n---\n## b\nx\n', ['d.md:2:18: options.top_k: Too small']],
];

for (const [intent, name, text, problems, needs] of bad) {
  test(`refused: ${intent}`, async (t) => {
    await assert.rejects(read(t, name, text, needs ?? {}), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'usage');
      const lines = error.message
        .split('\n')
        .slice(1)
        .filter((line) => line !== '');
      assert.deepEqual(
        problems.map((problem, index) => (lines[index]?.trim() ?? '').slice(0, problem.length)),
        problems,
        error.message,
      );
      return true;
    });
  });
}

test('what is no text, and what is no task file', async (t) => {
  await assert.rejects(read(t, 'x.jsonl', new Uint8Array([0xff, 0xfe])), /x\.jsonl cannot be read/);
  await assert.rejects(read(t, 'x.toml', ''), /"\.toml" is no format of task files/);
  await assert.rejects(
    read(t, 'x.jsonl', '', { template: 'y' }),
    /--prompt is the template for the rows of a CSV file/,
  );
});
