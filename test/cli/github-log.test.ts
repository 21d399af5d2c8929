// In GitHub Actions: nothing that a model wrote is a command to the runner, in any format, on either stream.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { reply, toolUse, type Turn } from '../fakes/messages-api.ts';
import { withWorld } from './world.ts';

const env = { PATH: process.env['PATH'] ?? '', GITHUB_ACTIONS: 'true' };
const evil = 'Done.\n::add-mask::a\r  ::set-output name=x::1\nsee ##[add-path]/evil\n\u200b::error::no';

const harmless = 'std::vector, a::b and # [x]\n#[derive] ## [y]';

/** What the runner obeys of a stream: it reads lines at \r and \n, skips blanks, and also takes "##[name]" anywhere. */
function obeyed(stream: string): string[] {
  const commands: string[] = [];
  let stopped: string | undefined;
  for (const line of stream.split(/\r\n|\r|\n/)) {
    const [, name = '', data = ''] =
      /^[\s\u200b]*::([^:\s]+)[^:]*::(.*)/.exec(line) ?? /##\[(\S+?)[ \]](.*)/.exec(line) ?? [];
    if (name === '') continue;
    if (stopped === undefined && name === 'stop-commands') stopped = data;
    else if (name === stopped) stopped = undefined;
    else if (stopped === undefined) commands.push(name);
  }
  assert.equal(stopped, undefined, 'commands stay off');
  return commands;
}

test('a result in the text format stays whole between two lines; one without a command is as it was', () =>
  withWorld(
    { script: ({ conversation }) => reply(conversation.includes('evil') ? evil : harmless) },
    async ({ run }) => {
      const { stdout, stderr, code } = await run(['run', 'evil'], { env });
      assert.deepEqual([code, obeyed(stdout), obeyed(stderr)], [0, [], []]);
      const [, token] = /^::stop-commands::(\S+)\n/.exec(stdout) ?? [];
      assert.equal(stdout, `::stop-commands::${token}\n${evil}\n::${token}::\n`);
      assert.equal((await run(['run', 'Work'], { env })).stdout, `${harmless}\n`);
    },
  ));

for (const format of ['json', 'jsonl', 'stream-json']) {
  test(`--format ${format} is the same JSON as anywhere, and holds no command`, () =>
    withWorld({ script: [evil] }, async ({ run }) => {
      const { stdout, stderr } = await run(['run', 'p', '--format', format], { env });
      const values = (format === 'json' ? [stdout] : stdout.trimEnd().split('\n')).map((text) => JSON.parse(text));
      assert.equal(values.at(-1).result, evil);
      assert.deepEqual([obeyed(stdout), obeyed(stderr)], [[], []]);
    }));
}

test('denials, failures, logs and show: only our own annotation is a command', () =>
  withWorld(
    {
      script: ({ replies, conversation }: Turn) => {
        if (!conversation.includes('deny')) return reply(evil);
        return replies === 0 ? toolUse('Bash', { command: '::add-mask::a ##[add-mask]b' }) : reply(evil);
      },
    },
    async ({ run, cwd, workers }) => {
      writeFileSync(
        join(cwd, 't.jsonl'),
        [
          { id: '::add-mask::id', prompt: 'deny' },
          { id: 'b ##[add-mask]x', prompt: 'fail', checks: [{ name: '::error::n ##[error]n', matches: 'never' }] },
        ]
          .map((task) => JSON.stringify(task))
          .join('\n'),
      );
      const batch = await run(['run', '-f', 't.jsonl'], { env });
      assert.deepEqual([obeyed(batch.stdout), obeyed(batch.stderr)], [[], ['error']], batch.stderr);
      for (const id of await workers()) {
        for (const look of [['show', id], ['logs', id], ['logs', id, '--format', 'jsonl'], ['list']]) {
          const { stdout, stderr } = await run(look, { env });
          assert.deepEqual([obeyed(stdout), obeyed(stderr)], [[], []], look.join(' '));
        }
      }
    },
  ));
