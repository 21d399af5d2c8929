// `aworkers run -f` with the real app against the strict scripted API: checkpoint, limits, checks, formats, the live view.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { refusal, reply, type Script, toolUse, wrongKey } from '../fakes/messages-api.ts';
import { type World, withWorld } from '../cli/world.ts';

type Line = Readonly<Record<string, any>>;

const answers: Script = ({ prompt }) => reply(`Re: ${prompt.split('\n').at(-1)}`);
const glob = reply(toolUse('Glob', { pattern: '*.md' }));

function tasks({ cwd }: Pick<World, 'cwd'>, ...list: readonly Line[]): void {
  writeFileSync(join(cwd, 'tasks.jsonl'), list.map((task) => `${JSON.stringify(task)}\n`).join(''));
}

function results({ cwd }: Pick<World, 'cwd'>): Line[] {
  const text = readFileSync(join(cwd, 'out.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const ids = (lines: readonly Line[]) => lines.map(({ id }) => String(id));
const batch = ['run', '-f', 'tasks.jsonl', '--out', 'out.jsonl'];

// ---- the results file ----

test('the same command again runs only what is missing or changed', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B' });
    assert.equal((await world.run(batch)).code, 0);
    tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B, changed' }, { id: 'c', prompt: 'C' });
    const again = await world.run([...batch, '--format', 'json', '--max-turns', '7']);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(world.api.requests.length, 4);
    assert.deepEqual(ids(results(world)).toSorted(), ['a', 'b', 'b', 'c']);
    assert.deepEqual(
      (JSON.parse(again.stdout) as Line[]).map(({ id, result }) => [id, result]),
      [
        ['a', 'Re: A'],
        ['b', 'Re: B, changed'],
        ['c', 'Re: C'],
      ],
    );
  }));

test('a line torn by a crash is cut, and its worker is only written down again, not paid for', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B' });
    await world.run([...batch, '--concurrency', '1']);
    const path = join(world.cwd, 'out.jsonl');
    const [first = '', second = ''] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${first}\n${second.slice(0, 40)}`);
    const again = await world.run(batch);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(world.api.requests.length, 2);
    const restored = results(world)[1];
    assert.deepEqual([restored?.['id'], restored?.['worker_id']], ['b', (JSON.parse(second) as Line)['worker_id']]);
  }));

test('a worker that was written down and never began begins now', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' });
    await world.run(batch);
    const [line] = results(world);
    writeFileSync(join(world.cwd, 'out.jsonl'), '');
    const started = { id: 'a', hash: line?.['hash'], worker_id: crypto.randomUUID(), at: '2026-11-20T00:00:00Z' };
    appendFileSync(join(world.cwd, 'out.jsonl.started'), `${JSON.stringify(started)}\n{"id":"to`);
    const again = await world.run(batch);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(results(world).length, 1);
    assert.equal(world.api.requests.length, 2);
  }));

test('--retry-failed runs again what failed; without it the failure still counts', () =>
  withWorld(
    { script: ({ requests, prompt }) => (requests === 1 && prompt.endsWith('B') ? refusal() : reply('Fine.')) },
    async (world) => {
      tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B' });
      assert.equal((await world.run(batch)).code, 1);
      const skipped = await world.run(batch);
      assert.deepEqual([skipped.code, world.api.requests.length], [1, 2]);
      assert.match(skipped.stderr, /1 completed, 1 failed.*\nWith --retry-failed it runs again what failed\./);
      assert.equal((await world.run([...batch, '--retry-failed'])).code, 0);
      assert.deepEqual([world.api.requests.length, results(world).length], [3, 3]);
      assert.equal((await world.run(batch)).code, 0);
    },
  ));

test('a line has what was asked, what was sent and what came of it', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A', options: { model: 'claude-haiku-4-5', temperature: 0.5 } });
    await world.run([...batch, '--sweep', 'top_k=3', '--repeat', '2']);
    const line = results(world).find(({ repeat }) => repeat === 2);
    const { id, task, status, result, model, options, combination, repeat, num_turns, checks, type, subtype } =
      line ?? {};
    assert.deepEqual(
      { id, task, status, result, model, options, combination, repeat, num_turns, checks, type, subtype },
      {
        id: 'a[top_k=3]#2',
        task: 'a',
        status: 'completed',
        result: 'Re: A',
        model: 'claude-haiku-4-5',
        options: { model: 'claude-haiku-4-5', temperature: 0.5, top_k: 3 },
        combination: { top_k: '3' },
        repeat: 2,
        num_turns: 1,
        checks: [],
        type: 'result',
        subtype: 'success',
      },
    );
  }));

// ---- limits ----

test('--max-cost ends the run before it is passed; with more money it goes on where it was', () =>
  withWorld({ script: ({ replies, prompt }) => (replies < 2 ? glob : reply(`Re: ${prompt}`)) }, async (world) => {
    tasks(world, ...Array.from({ length: 12 }, (_, index) => ({ id: `t${index}`, prompt: `Task ${index}` })));
    const poor = await world.run([...batch, '--max-cost', '0.008']);
    assert.equal(poor.code, 4, poor.stderr);
    assert.match(poor.stderr, /stopped: The rest of --max-cost 0\.008 is not enough for more\./);
    assert.match(poor.stderr, /The same command again goes on where this ended\./);
    const spent = Number(
      /\$(\d+\.\d+)/.exec(poor.stderr.split('\n').find((line) => line.includes('completed')) ?? '')?.[1],
    );
    assert.ok(spent > 0.004 && spent <= 0.008, `$${spent}`);
    const rich = await world.run([...batch, '--max-cost', '5']);
    assert.equal(rich.code, 0, rich.stderr);
    assert.deepEqual([results(world).length, world.api.requests.length], [12, 36]);
  }));

test('--run-max-turns is never passed, also by workers side by side', () =>
  withWorld({ script: ({ replies }) => (replies < 2 ? glob : reply('Fine.')) }, async (world) => {
    tasks(world, ...Array.from({ length: 12 }, (_, index) => ({ id: `t${index}`, prompt: `Task ${index}` })));
    const first = await world.run([...batch, '--run-max-turns', '17']);
    assert.equal(first.code, 4, first.stderr);
    assert.ok(world.api.requests.length <= 17, `${world.api.requests.length} requests`);
    assert.equal((await world.run([...batch, '--run-max-turns', '36'])).code, 0);
    assert.equal(world.api.requests.length, 36);
  }));

test('--fail-fast begins nothing more; the next run goes on', () =>
  withWorld({ script: ({ prompt }) => (prompt.endsWith('bad') ? refusal() : reply('Fine.')) }, async (world) => {
    tasks(world, { id: 'a', prompt: 'bad' }, { id: 'b', prompt: 'B' }, { id: 'c', prompt: 'C' });
    const { code, stderr } = await world.run([...batch, '--fail-fast', '--concurrency', '1']);
    assert.equal(code, 1);
    assert.match(stderr, /stopped: a failed, and --fail-fast was given\n.*1 failed, 2 without a result/);
    assert.equal((await world.run([...batch, '--fail-fast'])).code, 1);
    assert.deepEqual(ids(results(world)).toSorted(), ['a', 'b', 'c']);
  }));

test('a refused key ends the run at once, and is no result of any task', () =>
  withWorld({ script: ({ requests }) => (requests === 1 ? wrongKey() : reply('Fine.')) }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' });
    const refused = await world.run(batch);
    assert.equal(refused.code, 5, refused.stderr);
    assert.deepEqual(results(world), []);
    assert.equal((await world.run(batch)).code, 0);
    assert.equal((await world.workers()).length, 1);
  }));

// ---- checks ----

test('each check is reported by name; a command has the environment of tools and the directory of the worker', () =>
  withWorld({ script: ['{"n": 1}'] }, async (world) => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 2 } }, required: ['n'] };
    writeFileSync(join(world.cwd, 'schema.json'), JSON.stringify({ type: 'object' }));
    const checks = [
      { file_exists: 'tasks.jsonl' },
      { file_exists: 'missing.txt' },
      { command: 'test -f tasks.jsonl && test -z "$ANTHROPIC_API_KEY$CLAUDE_X$AWORKERS_MODEL"' },
      { name: 'says why', command: 'echo it is broken; exit 3' },
      { matches: '^\\{"n"' },
      { name: 'n', json_schema: schema },
      { name: 'an object', json_schema: '@schema.json' },
    ];
    tasks(world, { id: 'a', prompt: 'A', checks });
    const env = { PATH: process.env['PATH'] ?? '', ANTHROPIC_API_KEY: 'k', CLAUDE_X: '1' };
    const { code, stdout, stderr } = await world.run(['run', '-f', 'tasks.jsonl', '--format', 'jsonl'], { env });
    assert.equal(code, 1, stderr);
    const line = JSON.parse(stdout) as Line;
    const missing = join(world.cwd, 'missing.txt');
    assert.deepEqual(line['checks'], [
      { name: 'file_exists tasks.jsonl', passed: true, detail: '' },
      { name: 'file_exists missing.txt', passed: false, detail: `${missing} does not exist` },
      { name: `command ${checks[2]?.command}`, passed: true, detail: '' },
      { name: 'says why', passed: false, detail: 'it is broken\nExit code 3.' },
      { name: 'matches ^\\{"n"', passed: true, detail: '' },
      { name: 'n', passed: false, detail: 'n must be at least 2' },
      { name: 'an object', passed: true, detail: '' },
    ]);
    assert.deepEqual([line['status'], line['error_type'], line['result']], ['failed', 'check', '{"n": 1}']);
  }));

// ---- output ----

test('text: results under their ids; one task alone: its result alone; with --out nothing', () =>
  withWorld({ script: ({ prompt }) => (prompt.endsWith('B') ? refusal() : reply('Fine.')) }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B' });
    const { stdout } = await world.run(['run', '-f', 'tasks.jsonl', '--concurrency', '1']);
    assert.match(stdout, /^=== a\nFine\.\n\n=== b\n\[failed: The model refused.*\]\n\n$/);
    assert.equal((await world.run(['run', 'A', '--max-cost', '1'])).stdout, 'Fine.\n');
    assert.equal((await world.run(batch)).stdout, '');
  }));

test('without a terminal a line per task on stderr, then the totals', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' }, { id: 'b', prompt: 'B' });
    const { stderr } = await world.run([...batch, '--concurrency', '1']);
    assert.match(
      stderr,
      /^1\/2 ok {3}a {2}1 turn, \$0\.\d+, \d.*\n2\/2 ok {3}b {2}1 turn, .*\n2 completed {2}\$0\.\d+, \d+ tokens in, \d+ out, out\.jsonl\n$/,
    );
  }));

test('stream-json: every event with the id of its worker, who is on which task, each result', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' });
    const { stdout } = await world.run(['run', '-f', 'tasks.jsonl', '--format', 'stream-json']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    assert.deepEqual(
      lines.map(({ type, subtype }) => [type, subtype].filter((part) => part !== undefined).join('/')),
      ['system/task_started', 'system/init', 'assistant', 'result/success'],
    );
    assert.equal(new Set(lines.map(({ worker_id }) => String(worker_id))).size, 1);
    assert.deepEqual([lines[0]?.['task_id'], lines.at(-1)?.['id']], ['a', 'a']);
  }));

test('a sweep ends with a row per combination', () =>
  withWorld(
    { script: ({ call }) => reply((call.body as Line)['temperature'] === 0 ? 'one two' : 'one three') },
    async (world) => {
      const { stderr, code } = await world.run([
        'run',
        'Say it',
        '--sweep',
        'temperature=0,1',
        '--repeat',
        '2',
        '--out',
        'out.jsonl',
      ]);
      assert.equal(code, 0, stderr);
      const rows = stderr.split('\n').filter((line) => line.startsWith('temperature='));
      assert.deepEqual(
        rows.map((row) =>
          row
            .replaceAll(/\$\S+/g, '$')
            .replaceAll(/\d+(\.\d)? s/g, 's')
            .split(/ {2,}/)
            .filter((_, at) => at !== 4),
        ),
        [
          ['temperature=0', '2', '0', '$', 's', '1', '0.00', '0.67'],
          ['temperature=1', '2', '0', '$', 's', '1', '0.00', '0.67'],
        ],
      );
    },
  ));

test('what is adapted for all tasks is said once, with how many', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { prompt: 'A' }, { prompt: 'B' }, { prompt: 'C', options: { model: 'claude-haiku-4' } });
    const { stderr } = await world.run([...batch, '--model', 'claude-haiku-4']);
    assert.equal(stderr.match(/^notice/gm)?.length, 1);
    assert.match(stderr, /^notice \(3 tasks\) model claude-haiku-4: sent as claude-haiku-4-5\./m);
  }));

test('a denial that nobody could prevent names its task and the flag', () =>
  withWorld(
    {
      script: ({ replies }) =>
        replies === 0 ? reply(toolUse('Write', { file_path: 'n.txt', content: 'x' })) : reply('Over.'),
    },
    async (world) => {
      tasks(world, { id: 'a', prompt: 'A' });
      const { code, stderr } = await world.run(batch);
      assert.equal(code, 3);
      assert.match(stderr, /^a: DENIED Write {2}n\.txt$/m);
      const rule = /Run again with: --allow (\S+);/.exec(stderr)?.[1] ?? '';
      assert.equal((await world.run(['run', '-f', 'tasks.jsonl', '--allow', rule.replaceAll("'", '')])).code, 0);
    },
  ));

test('in a terminal one line is redrawn, and a permission is asked for in between', () =>
  withWorld(
    {
      script: ({ replies }) =>
        replies === 0 ? reply(toolUse('Write', { file_path: 'n.txt', content: 'x' })) : reply('Over.'),
    },
    async (world) => {
      tasks(world, { id: 'a', prompt: 'A' });
      const { code, type, stderr } = world.start(batch, { terminal: true });
      const until = async (text: string) => {
        while (!stderr().includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await until('0/1 done');
      await until('Allow it?');
      type('\r');
      assert.equal(await code, 0);
      assert.equal(readFileSync(join(world.cwd, 'n.txt'), 'utf8'), 'x');
      assert.match(stderr(), /1 completed/);
    },
  ));

test('a report that cannot be written keeps no other back, nor the totals; exit code 1', () =>
  withWorld({ script: answers }, async (world) => {
    tasks(world, { id: 'a', prompt: 'A' });
    // Where it would go becomes a directory while the run goes on.
    world.api.script('A', () => {
      mkdirSync(join(world.cwd, 'junit.xml'));
      return 'Re: A';
    });
    const ran = await world.run([...batch, '--junit', 'junit.xml', '--report', 'report.html']);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, /1 completed {2}.*\naworkers: .*junit\.xml is no regular file\. .*\n$/);
    assert.match(readFileSync(join(world.cwd, 'report.html'), 'utf8'), /<!doctype html>/);
  }));

for (const [intent, flags, said] of [
  ['the results into the tasks', ['--out', 'tasks.jsonl'], /--file and --out are the same file: tasks\.jsonl\./],
  ['JUnit into the tasks', ['--junit', './tasks.jsonl'], /--file and --junit are the same file/],
  ['the page into the results', ['--out', 'r', '--report', 'r'], /--out and --report are the same file: r\./],
  ['JUnit into a directory', ['--junit', 'home'], /home is no regular file\./],
  ['results into a directory', ['--out', 'home'], /home is no regular file, .* --format jsonl/],
  ['results down a pipe', ['--out', 'pipe'], /pipe is no regular file, .* --format jsonl/],
  ['JUnit over a pipe', ['--junit', 'pipe'], /pipe is no regular file\. Name a file/],
] as const) {
  test(`refused before anything is sent: ${intent}`, { skip: process.platform === 'win32' }, () =>
    withWorld({}, async (world) => {
      tasks(world, { id: 'a', prompt: 'A' });
      execFileSync('mkfifo', [join(world.cwd, 'pipe')]);
      const { code, stderr } = await world.run(['run', '-f', 'tasks.jsonl', ...flags]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.equal(world.api.requests.length, 0);
      assert.equal(readFileSync(join(world.cwd, 'tasks.jsonl'), 'utf8'), '{"id":"a","prompt":"A"}\n');
    }),
  );
}
