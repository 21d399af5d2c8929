// Permission prompts in a terminal: what is shown, what each answer becomes, one at a time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { requestLines, terminalApprover } from '../../src/cli/approver.ts';
import { createOutput } from '../../src/cli/render.ts';
import type { PermissionRequest, Resolution } from '../../src/contract/permission.ts';
import { testIo, type TestIo } from './cli-io.ts';

const enter = '\r';
const down = '\u001b[B';

function request(id: string, more: Partial<PermissionRequest> = {}): PermissionRequest {
  return {
    request_id: id,
    worker_id: 'w',
    description: 'Fix the tests',
    tool: 'Bash',
    tool_use_id: `toolu_${id}`,
    input: { command: `npm publish # ${id}` },
    reason: 'No rule allows it.',
    suggested_rule: 'Bash(npm publish:*)',
    ...more,
  };
}

async function shown(screen: TestIo, text: string): Promise<void> {
  while (!stripVTControlCharacters(screen.stderr()).includes(text)) await once(screen.io.stderr, 'data');
}

type Asked = {
  readonly answer: Promise<Resolution>;
  readonly committed: readonly Resolution[];
  readonly screen: TestIo;
};

function ask(given: PermissionRequest, signal = new AbortController().signal): Asked {
  const screen = testIo({ terminal: true });
  const approver = terminalApprover(screen.io, createOutput(screen.io), () => undefined);
  const committed: Resolution[] = [];
  const commit = async (resolution: Resolution) => {
    committed.push(resolution);
  };
  return { answer: approver.ask(given, commit, signal), committed, screen };
}

const answers: readonly (readonly [keys: readonly string[], resolution: Resolution])[] = [
  [[enter], { allow: true, scope: 'once', decided_by: 'cli' }],
  [[down, enter], { allow: true, scope: 'all', remembered_rule: 'Bash(npm publish:*)', decided_by: 'cli' }],
  [[down, down, enter], { allow: false, scope: 'once', decided_by: 'cli' }],
];

for (const [keys, resolution] of answers) {
  test(`the answer ${JSON.stringify(keys)} is ${JSON.stringify(resolution)}`, async () => {
    const { answer, committed, screen } = ask(request('a'));
    await shown(screen, 'Deny, and say why');
    for (const key of keys) screen.type(key);
    assert.deepEqual(await answer, resolution);
    assert.deepEqual(committed, [resolution]);
  });
}

test('keys typed before the question answer nothing', async () => {
  const screen = testIo({ terminal: true });
  const approver = terminalApprover(screen.io, createOutput(screen.io), () => undefined);
  screen.type(enter);
  const answer = approver.ask(request('a'), async () => undefined, new AbortController().signal);
  screen.type(enter);
  await shown(screen, 'Deny, and say why');
  for (const key of [down, down, enter]) screen.type(key);
  assert.deepEqual(await answer, { allow: false, scope: 'once', decided_by: 'cli' });
});

test('a denial with a reason carries the reason', async () => {
  const { answer, screen } = ask(request('a'));
  await shown(screen, 'Deny, and say why');
  for (const key of [down, down, down, enter]) screen.type(key);
  await shown(screen, 'Why? The worker reads it.');
  screen.type('not on a Friday');
  screen.type(enter);
  assert.deepEqual(await answer, { allow: false, scope: 'once', decided_by: 'cli', reason: 'not on a Friday' });
});

test('without a suggested rule there is no "always"', async () => {
  const { suggested_rule: _, ...bare } = request('a');
  const { answer, screen } = ask(bare);
  await shown(screen, 'Deny, and say why');
  assert.doesNotMatch(screen.stderr(), /always/);
  for (const key of [down, enter]) screen.type(key);
  assert.deepEqual(await answer, { allow: false, scope: 'once', decided_by: 'cli' });
});

test('several workers are asked one at a time, in order, and other output waits', async () => {
  const screen = testIo({ terminal: true });
  const out = createOutput(screen.io);
  const approver = terminalApprover(screen.io, out, () => undefined);
  const commit = async () => undefined;
  const signal = new AbortController().signal;
  const both = Promise.all([
    approver.ask(request('first'), commit, signal),
    approver.ask(request('second'), commit, signal),
  ]);
  await shown(screen, 'Deny, and say why');
  out.note('a line of another worker');
  assert.doesNotMatch(screen.stderr(), /# second|another worker/);
  screen.type(enter);
  await shown(screen, '# second');
  assert.ok(screen.stderr().indexOf('another worker') < screen.stderr().indexOf('# second'));
  while (screen.stderr().split('Deny, and say why').length < 3) await once(screen.io.stderr, 'data');
  for (const key of [down, down, enter]) screen.type(key);
  assert.deepEqual(
    (await both).map(({ allow }) => allow),
    [true, false],
  );
});

test('a withdrawn request leaves the screen and rejects; the next one is asked', async () => {
  const screen = testIo({ terminal: true });
  const approver = terminalApprover(screen.io, createOutput(screen.io), () => undefined);
  const commit = async () => undefined;
  const withdrawn = new AbortController();
  const first = approver.ask(request('first'), commit, withdrawn.signal);
  const second = approver.ask(request('second'), commit, new AbortController().signal);
  await shown(screen, 'Deny, and say why');
  withdrawn.abort(new Error('the worker was stopped'));
  await assert.rejects(first, /the worker was stopped/);
  await shown(screen, '# second');
  while (screen.stderr().split('Deny, and say why').length < 3) await once(screen.io.stderr, 'data');
  screen.type(enter);
  assert.equal((await second).allow, true);
});

test('Ctrl-C in a prompt is an interrupt, never an approval', async () => {
  const screen = testIo({ terminal: true });
  let interrupts = 0;
  const stopped = new AbortController();
  const approver = terminalApprover(screen.io, createOutput(screen.io), () => {
    interrupts += 1;
    stopped.abort(new Error('the worker was stopped'));
  });
  const committed: Resolution[] = [];
  const answer = approver.ask(
    request('a'),
    async (resolution) => {
      committed.push(resolution);
    },
    stopped.signal,
  );
  await shown(screen, 'Deny, and say why');
  screen.type('\u0003');
  await assert.rejects(answer, /the worker was stopped/);
  assert.deepEqual({ interrupts, committed }, { interrupts: 1, committed: [] });
});

test('a request shows the whole command, or the whole diff, and cannot steer the terminal', () => {
  const plain = (_: unknown, text: string) => text;
  const command = `${'echo x\n'.repeat(200)}rm -rf ~ \u001b[1A\u001b[2K`;
  const lines = requestLines(request('a', { input: { command } }), plain);
  assert.equal(lines.length, 2 + 201 + 1);
  assert.equal(lines[202], '  rm -rf ~ \\x1b[1A\\x1b[2K');
  assert.deepEqual(
    requestLines(
      request('a', { tool: 'Edit', input: { file_path: '/p/a.ts' }, preview: '@@ -1 +1 @@\n-old\n+new\n' }),
      (format, text) => (text === '' ? '' : `<${String(format)}>${text}`),
    ),
    [
      '',
      '<yellow>? <bold>Edit  <dim>Fix the tests',
      '  <bold>/p/a.ts',
      '  <cyan>@@ -1 +1 @@',
      '  <red>-old',
      '  <green>+new',
      '  <dim>No rule allows it.',
    ],
  );
});
