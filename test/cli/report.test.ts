// `aworkers report`: from real logs to a file.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { reply, toolUse } from '../fakes/messages-api.ts';
import { withWorld } from './world.ts';

const conversations = {
  Look: [reply(['I will look.', toolUse('Glob', { pattern: '*.txt' })]), 'There is <b>one</b> file.'],
  Say: ['Said.'],
};

test('the page of a logs directory: in it, elsewhere, or on stdout; a damaged journal is named', () =>
  withWorld({ conversations }, async ({ run, cwd, workers }) => {
    writeFileSync(join(cwd, 'a.txt'), '');
    await run(['run', 'Look here']);
    const [id = ''] = await workers();
    await run(['run', 'Say it']);

    const made = await run(['report']);
    const path = join(cwd, 'logs', 'report.html');
    assert.deepEqual(made, { code: 0, stdout: `${path}\n`, stderr: '' });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const page = readFileSync(path, 'utf8');
    for (const text of ['Look here', 'There is &lt;b&gt;one&lt;/b&gt; file.', 'Glob', id, join(cwd, 'logs')]) {
      assert.ok(page.includes(text), text);
    }
    assert.ok(page.indexOf('Look here') < page.indexOf('Say it'), 'oldest first');

    appendFileSync(join(cwd, 'logs', `worker-${id}.jsonl`), 'no event\n');
    const elsewhere = await run(['report', 'logs', '--out', 'r.html', '--title', 'Mine & yours']);
    assert.equal(elsewhere.stdout, `${join(cwd, 'r.html')}\n`);
    assert.match(elsewhere.stderr, new RegExp(`^not read: ${id}: .*line \\d+: not a journal line`));
    const rest = readFileSync(join(cwd, 'r.html'), 'utf8');
    assert.match(rest, /<title>Mine &amp; yours<\/title>/);
    assert.ok(rest.includes('not in this report') && rest.includes(id));
    assert.match((await run(['report', '--out', '-'])).stdout, /^<!doctype html>/);
  }));

test('--results takes the tasks of a batch; a line that is no result, or no file, is said with its place', () =>
  withWorld({ conversations: { Say: conversations.Say } }, async ({ run, cwd }) => {
    const ran = JSON.parse((await run(['run', 'Say it', '--format', 'json'])).stdout) as Record<string, unknown>;
    const line = {
      ...ran,
      id: 'one',
      task: 'one',
      hash: 'h',
      combination: { temperature: '0' },
      repeat: 1,
      agent_type: 'general-purpose',
      options: {},
      unapproved: 0,
      checks: [{ name: 'matches /x/', passed: false, detail: 'no match' }],
      ended_at: new Date().toISOString(),
    };
    const file = join(cwd, 'results.jsonl');
    writeFileSync(file, `${JSON.stringify({ ...line, result: 'superseded' })}\n${JSON.stringify(line)}\n{"id":"to`);
    const { stdout, code } = await run(['report', '--results', 'results.jsonl', '--out', '-']);
    assert.equal(code, 0);
    assert.ok(stdout.includes('matches /x/') && stdout.includes('id="sweep"') && stdout.includes('Said.'));
    assert.ok(!stdout.includes('superseded'));

    writeFileSync(file, '\n{"id": 3}\n');
    const wrong = await run(['report', '--results', 'results.jsonl']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /results\.jsonl, line 2: not a result \(id: /);
    assert.match((await run(['report', '--results', 'none.jsonl'])).stderr, /none\.jsonl cannot be read/);
  }));

test('no workers, two directories, a file that cannot be written: said, and what to try', () =>
  withWorld({ conversations: { Say: conversations.Say } }, async ({ run, cwd }) => {
    const none = await run(['report']);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /There are no workers in .*logs\. Name the logs directory/);
    assert.match((await run(['report', 'a', '--logs-dir', 'b'])).stderr, /given twice/);
    await run(['run', 'Say it']);
    const lost = await run(['report', '--out', 'no/such/place.html']);
    assert.equal(lost.code, 1);
    assert.ok(lost.stderr.includes(`${join(cwd, 'no/such/place.html')} cannot be written`));
  }));
