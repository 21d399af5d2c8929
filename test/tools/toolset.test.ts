import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { open } from './open.ts';

const golden = fileURLToPath(new URL('../golden/tool-specs.json', import.meta.url));
const extraGolden = fileURLToPath(new URL('../golden/extra-tool-specs.json', import.meta.url));

test('what the model sees of the six tools is reviewed text, under 1,500 tokens', (t) => {
  const { toolset } = open(t);
  const seen = JSON.stringify(toolset.specs, null, 2);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${seen}\n`);
  // Parsed first: the formatter of this repository has its own taste in JSON.
  assert.equal(seen, JSON.stringify(JSON.parse(readFileSync(golden, 'utf8')), null, 2));
  assert.ok(JSON.stringify(toolset.specs).length / 4 < 1_500);
});

test('what the model sees of the tools beside the six is reviewed text too', (t) => {
  const web = { htmlChild: ['html'] as const, mayFetch: async () => false };
  const { toolset } = open(t, {
    names: ['WebFetch', 'Skill', 'Task', 'TodoWrite'],
    web,
    findSkills: async () => [],
    delegate: async () => ({ ok: true, text: '' }),
  });
  const seen = JSON.stringify(toolset.specs, null, 2);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(extraGolden, `${seen}\n`);
  assert.equal(seen, JSON.stringify(JSON.parse(readFileSync(extraGolden, 'utf8')), null, 2));
});

test('tools that the API runs stand among the others by name', (t) => {
  const search = { type: 'web_search_20250305', name: 'web_search' };
  const { toolset } = open(t, { names: ['Read', 'Bash'], serverTools: [search] });
  assert.deepEqual(
    toolset.specs.map(({ name }) => name),
    ['Bash', 'Read', 'web_search'],
  );
  assert.deepEqual([...toolset.tools.keys()], ['Bash', 'Read']);
});

test('a worker has the tools it was given, in order, and what each does to the world is known', (t) => {
  const { toolset } = open(t, { names: ['Read', 'Elsewhere', 'Bash', 'Grep'] });
  assert.deepEqual(
    [...toolset.tools].map(([name, tool]) => [name, tool.access]),
    [
      ['Bash', 'execute'],
      ['Grep', 'read'],
      ['Read', 'read'],
    ],
  );
  assert.deepEqual(
    toolset.specs.map(({ name }) => name),
    ['Bash', 'Grep', 'Read'],
  );
  assert.equal(open(t, { names: ['Read'] }).toolset.specs[0], toolset.specs[2], 'specs are shared between workers');
});

test('input is parsed strictly', (t) => {
  const { toolset } = open(t);
  const accepts = (name: string, input: unknown): boolean =>
    toolset.tools.get(name)?.input.safeParse(input).success ?? false;
  assert.deepEqual(
    [
      accepts('Bash', { command: 'x', timeout: 600_000 }),
      accepts('Bash', { command: 'x', timeout: 600_001 }),
      accepts('Bash', { command: 'x', run_in_background: true }),
      accepts('Read', { file_path: 'x', offset: 0 }),
      accepts('Edit', { file_path: 'x', old_string: '', new_string: '' }),
      accepts('Grep', { pattern: 'x', '-A': 1, output_mode: 'lines' }),
    ],
    [true, false, false, false, false, false],
  );
});

test('no result holds a NUL or a lone surrogate', async (t) => {
  const { run } = open(t);
  const text = await run('Read', { file_path: 'x\ud800\0' });
  assert.ok(text.isWellFormed() && !text.includes('\0'), text);
});
