// Batches in the compiled binary, against the strict scripted API: killed and started again, every exit code from a real run,
// bad input that sends nothing, two processes on one file, CI.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import {
  forbidden,
  type RecordedRequest,
  refusal,
  reply,
  type Script,
  silence,
  type Step,
  toolUse,
  wrongKey,
} from '../fakes/messages-api.ts';
import { ended, type Shell, withShell } from './shell.ts';

type Line = Readonly<Record<string, any>>;

const glob: Step = reply(toolUse('Glob', { pattern: '*.md' }));
const twoTurns: Script = ({ replies, prompt, conversation }) =>
  replies === 0 ? glob : reply(`Done with ${/task \d+/.exec(prompt + conversation)?.[0] ?? '?'}.`);

function linesOf(path: string): Line[] {
  const text = readFileSync(path, 'utf8');
  assert.ok(text.endsWith('\n'), 'whole lines only');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function tasksFile({ folder }: Pick<Shell, 'folder'>, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => `t${index + 1}`);
  const tasks = ids.map((id, index) => JSON.stringify({ id, prompt: `Do task ${index + 1}` }));
  writeFileSync(join(folder, 'tasks.jsonl'), `${tasks.join('\n')}\n`);
  return ids;
}

/** Numbers below 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** AWORKERS_LONG_TESTS=1: as many as a large batch has. */
const many = process.env['AWORKERS_LONG_TESTS'] === '1' ? 500 : 150;

test(
  `${many} tasks at concurrency 20, killed three times and started again: ${many} results, none twice, no reply paid for twice`,
  { timeout: 120_000 },
  () =>
    withShell({ script: twoTurns }, async (shell) => {
      const { start, run, api, folder } = shell;
      const ids = tasksFile(shell, many);
      const argv = ['run', '-f', 'tasks.jsonl', '--out', 'out.jsonl', '--concurrency', '20'];
      const random = seeded(20261120);
      for (let kill = 1; kill <= 3; kill += 1) {
        const from = api.requests.length;
        const until = from + 20 + Math.floor((random() * many) / 2);
        const child = start(argv);
        await api.until((requests) => requests.length >= until);
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      const { code, stderr, stdout } = await run(argv);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: '' }, stderr.slice(-2000));

      const lines = linesOf(join(folder, 'out.jsonl'));
      assert.deepEqual(lines.map((line) => line['id'] as string).toSorted(), ids.toSorted());
      assert.equal(new Set(lines.map((line) => line['worker_id'] as string)).size, many);
      for (const { id, result, num_turns } of lines) {
        assert.deepEqual([result, num_turns], [`Done with task ${String(id).slice(1)}.`, 2]);
      }
      // A process killed in the middle of creating a journal leaves an empty one: a worker that never was.
      const journals = readdirSync(join(folder, 'logs')).filter(
        (name) => /^worker-.*\.jsonl$/.test(name) && statSync(join(folder, 'logs', name)).size > 0,
      );
      assert.equal(journals.length, many);

      // A turn that was in flight when the process died is asked for again, any other is not.
      const asked = new Map<string, number>();
      for (const request of api.requests) asked.set(turnOf(request), (asked.get(turnOf(request)) ?? 0) + 1);
      assert.equal(asked.size, 2 * many);
      assert.ok(api.requests.length <= 2 * many + 3 * 20, `${api.requests.length} requests`);

      const again = await run(argv);
      assert.equal(again.code, 0);
      assert.equal(linesOf(join(folder, 'out.jsonl')).length, many);
      assert.ok(api.requests.length <= 2 * many + 3 * 20);
    }),
);

function turnOf(request: RecordedRequest): string {
  const { messages } = request.body as { messages: { content: unknown }[] };
  return `${/Do task \d+/.exec(JSON.stringify(messages[0]?.content))?.[0] ?? ''} ${messages.length}`;
}

const one = (options: Record<string, unknown> = {}) => JSON.stringify({ id: 'a', prompt: 'Do it', ...options });
const writes: Script = ({ replies }) =>
  replies === 0 ? reply(toolUse('Write', { file_path: 'note.txt', content: 'x' })) : reply('Over.');

const codes: readonly (readonly [
  code: number,
  intent: string,
  script: Script | undefined,
  file: string,
  flags: string[],
])[] = [
  [0, 'all completed', ['Fine.'], one(), []],
  [1, 'a worker failed', [refusal()], one(), []],
  [1, 'a check failed', ['Fine.'], one({ checks: [{ matches: 'Bad' }] }), []],
  [2, 'an unknown flag', undefined, one(), ['--bogus']],
  [2, 'a bad value', undefined, one(), ['--shard', '3/2']],
  [2, 'a bad line', undefined, `${one()}\n{"prompt": `, []],
  [3, 'a denial that nobody could prevent', writes, one(), []],
  [0, 'the same with --allow-denials', writes, one(), ['--allow-denials']],
  [4, 'the cost of the run', [glob], one(), ['--max-cost', '0.000001']],
  [4, 'the turns of the run', [glob], one(), ['--run-max-turns', '1']],
  [4, 'the turns of a worker', [glob], one(), ['--max-turns', '1']],
  [5, 'a wrong key', [wrongKey()], one(), []],
  [5, 'a key without permission', [forbidden()], one(), []],
  [124, 'the time of a worker', () => silence('late'), one(), ['--timeout', '0.3s']],
  [124, 'the time of the run', () => silence('late'), one(), ['--run-timeout', '0.5s']],
];

for (const [code, intent, script, file, flags] of codes) {
  test(`exit code ${code}: ${intent}`, () =>
    withShell(script === undefined ? {} : { script }, async ({ run, api, folder }) => {
      writeFileSync(join(folder, 'tasks.jsonl'), file);
      const ran = await run(['run', '-f', 'tasks.jsonl', ...flags]);
      assert.equal(ran.code, code, ran.stderr);
      if (code === 2) assert.deepEqual([api.requests.length, readdirSync(folder)], [0, ['tasks.jsonl']]);
    }));
}

test('bad input is exit code 2, names every place, and sends nothing', () =>
  withShell({}, async ({ run, api, folder }) => {
    writeFileSync(
      join(folder, 'bad.jsonl'),
      '{"prompt":"ok","option":{}}\n{"prompt":""}\n{"prompt": nope}\n{"prompt":"p","options":{"temperature":7}}\n',
    );
    writeFileSync(join(folder, 'cwd.jsonl'), '{"prompt":"ok"}\n{"prompt":"p","options":{"cwd":"nowhere"}}\n');
    writeFileSync(join(folder, 'r.csv'), 'name\nAnn\n');
    const said = async (...argv: string[]) => {
      const { code, stdout, stderr } = await run(['run', ...argv]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, stderr);
      return stderr.replaceAll(folder, '<folder>');
    };
    assert.equal(
      await said('-f', 'bad.jsonl'),
      [
        'aworkers: 4 problems in the tasks:',
        '  bad.jsonl:1:16: unknown key "option", did you mean "options"?',
        '  bad.jsonl:2:11: prompt: must not be empty',
        '  bad.jsonl:3:12: not JSON: "nope" needs double quotes',
        '  bad.jsonl:4:40: options.temperature: Too big: expected number to be <=1',
        ' Nothing was sent.',
        '',
      ].join('\n'),
    );
    assert.match(await said('-f', 'cwd.jsonl'), /^ {2}cwd\.jsonl:2:1: options\.cwd: <folder>\/nowhere does not exist/m);
    assert.match(await said('-f', 'missing.jsonl'), /The task file missing\.jsonl cannot be read: ENOENT/);
    assert.match(await said('-f', 'tasks.txt'), /"\.txt" is no format of task files/);
    assert.match(
      await said('-f', 'r.csv', '--prompt', 'Hi {{nam}}'),
      /--prompt: \{\{nam\}\} is not a column, did you mean "name"\?/,
    );
    assert.match(
      await said('Hi', '--sweep', 'temprature=0,1'),
      /unknown key "temprature", did you mean "temperature"\?/,
    );
    assert.match(await said('Hi', '--sweep', 'temperature=0,7'), /--sweep temperature: "7" /);
    assert.match(await said('Hi', '--max-cost', 'much'), /--max-cost must be a number greater than 0, not "much"/);
    assert.match(
      await said('-f', 'r.csv', '--out', 'nowhere/out.jsonl', '--prompt', 'Hi'),
      /nowhere\/out\.jsonl cannot be written/,
    );
    assert.match(
      await said('Hi', '--junit', 'nowhere/junit.xml'),
      /--junit nowhere\/junit\.xml: .* cannot be written to/,
    );
    writeFileSync(join(folder, 'notes.txt'), 'my notes\n');
    assert.match(
      await said('-f', 'r.csv', '--out', 'notes.txt', '--prompt', 'Hi'),
      /notes\.txt:1 is no line of a results file/,
    );
    assert.equal(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'my notes\n');
    assert.equal(api.requests.length, 0);
  }));

test('a second process on the same --out is refused; the first goes on', () => {
  const told = Promise.withResolvers<void>();
  const script: Script = async () => {
    await told.promise;
    return reply('Fine.');
  };
  return withShell({ script }, async ({ start, run, api, folder }) => {
    writeFileSync(join(folder, 'tasks.jsonl'), one());
    const argv = ['run', '-f', 'tasks.jsonl', '--out', 'out.jsonl'];
    const first = start(argv);
    const end = ended(first);
    await api.until((requests) => requests.length === 1);
    const second = await run(argv);
    told.resolve();
    assert.equal(second.code, 2);
    assert.match(second.stderr, new RegExp(`out\\.jsonl is being written by process ${first.pid}\\.`));
    assert.equal((await end).code, 0);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('claim')),
      [],
    );
  });
});

test('SIGINT: nothing more begins, what ran goes on in the next run, exit code 130', () => {
  const script: Script = ({ replies, requests }) =>
    replies === 0 ? glob : requests === 2 ? silence('late') : reply('Fine.');
  return withShell({ script }, async (shell) => {
    const { start, run, api, folder } = shell;
    const ids = tasksFile(shell, 6);
    const argv = ['run', '-f', 'tasks.jsonl', '--out', 'out.jsonl'];
    const child = start(argv);
    const end = ended(child);
    await api.until((requests) => requests.length === 12);
    process.kill(Number(child.pid), 'SIGINT'); // child.kill would make Deno report the signal, not the exit code
    const { code, stderr } = await end;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /6 without a result/);
    assert.equal(readFileSync(join(folder, 'out.jsonl'), 'utf8'), '');
    const again = await run(argv);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(api.requests.length, 18);
    assert.deepEqual(
      linesOf(join(folder, 'out.jsonl'))
        .map(({ id }) => id as string)
        .toSorted(),
      ids,
    );
  });
});

test('in GitHub Actions: a job summary, annotations with places, JUnit; a model cannot add a workflow command', () =>
  withShell(
    {
      script: ({ conversation }) => reply(conversation.includes('good') ? 'Fine.' : '::add-mask::x\n<b>|no|</b>\u0007'),
    },
    async ({ run, folder }) => {
      const check = [{ name: 'says fine', matches: '^Fine' }];
      writeFileSync(
        join(folder, 'tasks.yaml'),
        `defaults:\n  checks: ${JSON.stringify(check)}\ntasks:\n  - {id: good, prompt: good}\n  - {id: "bad|one", prompt: nope}\n`,
      );
      const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
      const { code, stderr, stdout } = await run(
        ['run', '-f', 'tasks.yaml', '--junit', 'junit.xml', '--format', 'json', '--report', 'report.html'],
        { env },
      );
      assert.equal(code, 1, stderr);
      assert.deepEqual(
        (JSON.parse(stdout) as Line[]).map(({ id, status, checks }) => [id, status, checks]),
        [
          ['good', 'completed', [{ name: 'says fine', passed: true, detail: '' }]],
          ['bad|one', 'failed', [{ name: 'says fine', passed: false, detail: 'the result does not match' }]],
        ],
      );
      assert.deepEqual(
        stderr.split('\n').filter((line) => line.startsWith('::')),
        [
          '::error file=tasks.yaml,line=5,title=aworkers%3A bad|one::Check failed: says fine: the result does not match',
        ],
      );
      const summary = readFileSync(join(folder, 'summary.md'), 'utf8');
      assert.match(summary, /^## ❌ aworkers: tasks\.yaml\n\n1 completed · 1 failed · /);
      assert.match(summary, /\| bad&#124;one \| tasks\.yaml:5 \| check says fine \| /);
      const junit = readFileSync(join(folder, 'junit.xml'), 'utf8');
      assert.match(junit, /<testsuites name="aworkers" tests="2" failures="1" errors="0" skipped="0"/);
      assert.match(junit, /<failure type="check" message="Check failed: says fine: the result does not match">/);
      assert.match(junit, /<system-out>::add-mask::x\n&lt;b&gt;\|no\|&lt;\/b&gt;<\/system-out>/);
      assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /bad\|one/);
      assert.equal(existsSync(join(folder, 'out.jsonl')), false);
    },
  ));
