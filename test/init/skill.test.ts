// The skill says what is true: its calls are accepted by the real tools, its tools exist, and the plugin is the same thing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { permissionAnswerSchema, resumeRequestSchema, waitQuerySchema } from '../../src/contract/manager.ts';
import { optionNames } from '../../src/contract/options.ts';
import { taskSchema } from '../../src/contract/task.ts';
import { tools } from '../../src/mcp/tools/index.ts';
import { withWorld } from './world.ts';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');
const plugin = 'src/init/plugin';
const skill = read(`${plugin}/skills/async-workers/SKILL.md`);
const examples = read(`${plugin}/skills/async-workers/examples.md`);

test('front matter: the name of its folder, and a description that a host takes whole', () => {
  const { name, description } = parseYaml(/^---\n([\s\S]*?)\n---\n/.exec(skill)?.[1] ?? '') as Record<string, string>;
  assert.equal(name, 'async-workers');
  assert.ok(description !== undefined && description.length > 100 && description.length <= 1024, description);
  assert.ok(skill.split('\n').length < 200, 'it is read whole each time');
});

test('every tool and every option is in the skill', () => {
  const missing = [...tools.map(({ name }) => name), ...optionNames()].filter(
    (name) => !skill.includes(`\`${name}`) && !skill.includes(`${name}=`),
  );
  assert.deepEqual(missing, []);
});

const schemas = {
  spawn_worker: taskSchema,
  wait: waitQuerySchema,
  resume_worker: resumeRequestSchema,
  approve_permission: permissionAnswerSchema,
} as const;

test('every call in the recipes is one that the tools accept', () => {
  const calls = callsIn(examples);
  assert.ok(calls.length > 30, String(calls.length));
  const refused = calls.flatMap(({ tool, args, text }) => {
    const result = schemas[tool]().safeParse(args);
    return result.success ? [] : [`${text}: ${result.error.message}`];
  });
  assert.deepEqual(refused, []);
  const used = new Set(calls.map(({ tool }) => tool));
  assert.deepEqual([...used].toSorted(), Object.keys(schemas).toSorted());
});

type Call = { readonly tool: keyof typeof schemas; readonly args: unknown; readonly text: string };

/** `name(key=value, …)`: the values are JSON, but for the id that an earlier call returned. */
function callsIn(text: string): Call[] {
  const found = text.matchAll(/^(spawn_worker|wait|resume_worker|approve_permission)\(([\s\S]*?)\)(?:\s+#.*)?$/gm);
  return [...found].map(([whole, tool, inside = '']) => {
    const named = inside
      .replace(/^worker_id,/, 'worker_id="w1",')
      .replaceAll(/(^|,)\s*([a-z_]+)=(?=["{[\dtf])/g, (_, comma: string, key: string) => `${comma}"${key}":`);
    return { tool: tool as Call['tool'], args: JSON.parse(`{${named}}`) as unknown, text: whole };
  });
}

test('the plugin is the skill and the server that init writes', () =>
  withWorld({}, async ({ init, read: written }) => {
    await init({ hosts: ['claude-code'] });
    for (const name of ['SKILL.md', 'examples.md']) {
      assert.equal(
        written(`project/.claude/skills/async-workers/${name}`),
        read(`${plugin}/skills/async-workers/${name}`),
      );
    }
    const ours = written('project/.mcp.json').replace('/opt/aworkers', 'aworkers');
    assert.equal(read(`${plugin}/.mcp.json`), ours);
    const manifest = JSON.parse(read(`${plugin}/.claude-plugin/plugin.json`)) as Record<string, unknown>;
    const { version, license } = JSON.parse(read('package.json')) as Record<string, unknown>;
    assert.deepEqual(
      { name: manifest['name'], version: manifest['version'], license: manifest['license'] },
      { name: 'aworkers', version, license },
    );
    const { plugins } = JSON.parse(read('.claude-plugin/marketplace.json')) as { plugins: Record<string, unknown>[] };
    assert.deepEqual(plugins, [
      { name: manifest['name'], source: `./${plugin}`, description: manifest['description'] },
    ]);
  }));
