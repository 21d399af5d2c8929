// JUnit, GitHub and the comparison of sweeps: whole values, and texts of models that try to break out.
import assert from 'node:assert/strict';
import test from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { noUsage } from '../../src/contract/usage.ts';
import type { TaskResult } from '../../src/contract/task-result.ts';
import type { BatchReport } from '../../src/report/batch-report.ts';
import { compare } from '../../src/report/compare.ts';
import { githubAnnotations, githubSummary } from '../../src/report/github.ts';
import { junitXml } from '../../src/report/junit.ts';

function result(given: Partial<TaskResult> = {}): TaskResult {
  return {
    id: 'a',
    task: 'a',
    hash: 'h',
    status: 'completed',
    result: 'Fine.',
    description: 'a',
    combination: {},
    repeat: 1,
    model: 'm',
    agent_type: 'general-purpose',
    options: {},
    notices: [],
    usage: noUsage,
    total_cost_usd: 0.5,
    num_turns: 1,
    duration_ms: 1500,
    permission_denials: [],
    unapproved: 0,
    checks: [],
    worker_id: 'w',
    session_id: 's',
    ended_at: '2026-11-20T00:00:00Z',
    conversation_history_file_path: '/logs/w.json',
    ...given,
  };
}

function report(given: Partial<BatchReport>): BatchReport {
  return { name: 'tasks.jsonl', results: [], unfinished: [], lineOf: () => undefined, ...given };
}

const nasty = ']]></failure>\u0000\u001b[31m\ud800<script>&amp;"\'|`*::error::x\r\n## Heading\n';

test('JUnit is well-formed whatever a model wrote', () => {
  const failed = result({ id: nasty, status: 'failed', error_type: nasty, error_hint: nasty, result: nasty });
  const xml = junitXml(
    report({ results: [failed], unfinished: [{ id: 'b', combination: {}, file: 'f', line: 1 }], stopped: nasty }),
  );
  assert.equal(XMLValidator.validate(xml), true);
  const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml) as { testsuites: any };
  assert.deepEqual([testsuites['@_tests'], testsuites['@_failures'], testsuites['@_skipped']], ['2', '1', '1']);
  const [first, second] = testsuites.testsuite.testcase;
  assert.match(String(first['system-out']), /<script>/);
  assert.ok('skipped' in second);
});

test('annotations are one line each, at most ten, at their places', () => {
  const results = Array.from({ length: 12 }, (_, index) =>
    result({ id: `t:${index},`, status: 'failed', error_hint: 'a%b\n::error::c\u001b[2J\r\u202e' }),
  );
  const lines = githubAnnotations(report({ results, lineOf: () => ({ file: 'a,b:c.jsonl', line: 3 }) }));
  assert.equal(lines.length, 11);
  assert.equal(
    lines[0],
    '::error file=a%2Cb%3Ac.jsonl,line=3,title=aworkers%3A t%3A0%2C::a%25b%0A::error::c\\x1b[2J\\x0d\\u{202e}',
  );
  assert.equal(lines[10], '::warning title=aworkers::2 more failed: see the job summary.');
});

test('the job summary keeps what a model wrote inside its cell', () => {
  const failed = result({ id: nasty, status: 'failed', error_type: 'refusal', error_hint: nasty });
  const summary = githubSummary(report({ results: [failed, result()] }));
  const row = summary.split('\n').find((line) => line.includes('refusal')) ?? '';
  assert.equal(row.split('|').length, 6);
  assert.doesNotMatch(summary, /<script|^## Heading/m);
  assert.match(summary, /^1 completed · 1 failed · \$1\.0000 · /m);
});

test('a cost that is unknown is never shown as money', () => {
  assert.match(githubSummary(report({ results: [result({ total_cost_usd: null })] })), /cost unknown/);
});

const said = (task: string, value: string, repeat: number, text: string) =>
  result({ id: `${task} ${value} ${repeat}`, task, combination: { temperature: value }, repeat, result: text });

test('the comparison: counts, sums, the median, and how different the answers are', () => {
  const rows = compare([
    said('a', '0', 1, 'One two'),
    said('a', '0', 2, 'two  one!'),
    said('a', '1', 1, 'one three'),
    { ...said('a', '1', 2, ''), status: 'failed', total_cost_usd: null, duration_ms: 4500 },
    said('b', '1', 1, 'elsewhere'),
  ]);
  assert.deepEqual(
    rows.map(({ label, count, failed, cost_usd, median_duration_ms, distinct, spread, from_others }) => ({
      label,
      count,
      failed,
      cost_usd,
      median_duration_ms,
      distinct,
      spread,
      from_others,
    })),
    [
      {
        label: 'temperature=0',
        count: 2,
        failed: 0,
        cost_usd: 1,
        median_duration_ms: 1500,
        distinct: 2,
        spread: 0,
        from_others: 1 - 1 / 3,
      },
      {
        label: 'temperature=1',
        count: 3,
        failed: 1,
        cost_usd: null,
        median_duration_ms: 1500,
        distinct: 2,
        spread: null,
        from_others: 1 - 1 / 3,
      },
    ],
  );
});
