// Owns: the last lines of a batch on stderr: totals, the comparison of a sweep, denials, how to go on.
// Promises: pure; everything that keeps the exit code from 0 is said.
import type { BatchEnd } from '../batch/engine.ts';
import { promptTokens } from '../contract/usage.ts';
import { compare, costOf, differenceMeaning, labelOf } from '../report/compare.ts';
import type { BatchRun } from './batch-run.ts';
import { dollars, seconds } from './event-lines.ts';
import { oneLine } from './one-line.ts';
import { tableText } from './table.ts';

export function summaryLines(end: BatchEnd, run: BatchRun, flags: ReadonlySet<string>): string[] {
  const { results, unfinished, stopped } = end;
  const { paintNote: paint } = run.out;
  const { flags: given } = run.asked;
  const failed = results.filter((result) => result.status === 'failed').length;
  const facts = [
    dollars(costOf(results)),
    `${results.reduce((sum, { usage }) => sum + promptTokens(usage), 0)} tokens in`,
    `${results.reduce((sum, { usage }) => sum + usage.output_tokens, 0)} out`,
    ...(given.out === undefined ? [] : [given.out]),
  ];
  const counts = [
    `${results.length - failed} completed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} without a result`] : []),
  ];
  const fine = failed === 0 && unfinished.length === 0;
  return [
    ...comparison(end),
    ...denials(end, run, flags),
    ...(stopped === undefined ? [] : [`${paint('red', 'stopped:')} ${oneLine(stopped.reason, 400)}`]),
    `${paint(fine ? 'green' : 'red', counts.join(', '))}  ${paint('dim', facts.join(', '))}`,
    ...(unfinished.length > 0 && given.out !== undefined ? ['The same command again goes on where this ended.'] : []),
    ...(failed > 0 && given.out !== undefined ? ['With --retry-failed it runs again what failed.'] : []),
  ];
}

function comparison({ results }: BatchEnd): string[] {
  const combinations = new Set(results.map((result) => labelOf(result.combination)));
  const repeated = results.some((result) => result.repeat > 1);
  if (combinations.size < 2 && !repeated) return [];
  const rows = compare(results);
  const right = 'right' as const;
  const table = tableText(
    [
      { title: 'combination' },
      { title: 'tasks', align: right },
      { title: 'failed', align: right },
      { title: 'cost', align: right },
      { title: 'tokens', align: right },
      { title: 'median', align: right },
      { title: 'distinct', align: right },
      { title: 'spread', align: right },
      { title: 'from others', align: right },
    ],
    rows.map((row) => [
      oneLine(row.label, 60) || '(none)',
      String(row.count),
      String(row.failed),
      row.cost_usd === null ? 'unknown' : dollars(row.cost_usd),
      String(row.input_tokens + row.output_tokens),
      seconds(row.median_duration_ms),
      String(row.distinct),
      row.spread?.toFixed(2) ?? '-',
      row.from_others?.toFixed(2) ?? '-',
    ]),
  );
  return [
    '',
    ...table.split('\n'),
    differenceMeaning,
    'spread: between repeats; from others: from other combinations.',
    '',
  ];
}

function denials({ results }: BatchEnd, { out, allowDenials }: BatchRun, flags: ReadonlySet<string>): string[] {
  const count = results.reduce((sum, { unapproved }) => sum + unapproved, 0);
  if (count === 0) return [];
  const head = `${count} tool ${count === 1 ? 'call was' : 'calls were'} denied because nobody could approve.`;
  const again = flags.size === 0 ? '' : ` Run again with: ${[...flags].join(' ')}`;
  return [
    `${out.paintNote('red', head)}${again}${allowDenials ? '' : `${again === '' ? ' A' : '; or a'}ccept it with --allow-denials`}.`,
  ];
}
