// Text of the working directory, of a server or of a model that reaches stderr and stdout of a person: no control sequence gets through.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { withWorld } from './world.ts';

const escape = '\u001b]0;owned\u0007\u001b[31m';
const agent = (front: string) => `---\n${front}\n---\nYou review.`;

const refusals: readonly (readonly [
  intent: string,
  files: Readonly<Record<string, string>>,
  argv: readonly string[],
])[] = [
  [
    'an agent file by its name',
    { '.claude/agents/a.md': agent(`name: a${escape}`) },
    ['run', 'x', '--agent-type', 'nope'],
  ],
  [
    'an agent file by its path',
    { [`.claude/agents/a${escape}.md`]: agent('name: a\ntemperature: 7') },
    ['run', 'x', '--agent-type', 'a'],
  ],
  ['a rule', { '.claude/settings.json': JSON.stringify({ permissions: { deny: [`Bash${escape}(`] } }) }, ['run', 'x']],
  ['a key of a task', { 't.jsonl': JSON.stringify({ prompt: 'x', [escape]: 1 }) }, ['run', '-f', 't.jsonl']],
  [
    'the last words of a server',
    { 'm.json': JSON.stringify({ mcpServers: { a: { command: 'sh', args: ['-c', `printf '${escape}' >&2`] } } }) },
    ['run', 'x', '--mcp-config', 'm.json'],
  ],
  ['a worker', {}, ['show', escape]],
];

for (const [intent, files, argv] of refusals) {
  test(`an error that quotes ${intent} cannot steer the terminal`, () =>
    withWorld({}, async ({ run, cwd }) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(cwd, name)), { recursive: true });
        writeFileSync(join(cwd, name), text);
      }
      const { code, stderr } = await run(argv);
      assert.notEqual(code, 0);
      assert.match(stderr, /\\x1b\[31m/);
      assert.ok(!stderr.includes('\u001b') && !stderr.includes('\u0007'), JSON.stringify(stderr));
    }));
}

test('nor can an agent file whose worker runs: in notices, the closing line, list, show and logs', () =>
  withWorld({ script: () => 'Done.', refusalsExpected: true }, async ({ run, cwd, workers }) => {
    mkdirSync(join(cwd, '.claude/agents'), { recursive: true });
    const front = `name: a\n"${String.raw`b\u001b[31m`}": 1\nmodel: "${String.raw`m\u001b[31m`}"`;
    writeFileSync(join(cwd, '.claude/agents/a.md'), agent(front));
    const ran = await run(['run', 'x', '--agent-type', 'a']);
    const [id = ''] = await workers();
    const looks = await Promise.all([run(['list']), run(['show', id]), run(['logs', id])]);
    for (const { stdout, stderr } of [ran, ...looks]) assert.doesNotMatch(stdout + stderr, /\u001b/); // eslint-disable-line no-control-regex
    assert.match(ran.stderr, /notice agent_type\.b\\x1b\[31m 1: not sent/);
    assert.match(looks[0]?.stdout ?? '', /m\\x1b\[31m/);
  }));
