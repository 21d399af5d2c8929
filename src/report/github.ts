// Owns: a batch in GitHub Actions: the job summary as Markdown, and a workflow command per failed task.
// Promises: text of a model stays text: it cannot end a cell, add markup, begin a workflow command or steer a terminal; both are
// bounded.
// Never: reads the environment or writes a file.
import { printable } from '../contract/printable.ts';
import type { TaskResult } from '../contract/task-result.ts';
import { promptTokens } from '../contract/usage.ts';
import type { BatchReport } from './batch-report.ts';
import { compare, costOf, differenceMeaning } from './compare.ts';

/** GitHub shows 10 errors a step. */
const annotations = 10;
const shownFailures = 50;
const shownCombinations = 100;

export function githubAnnotations({ results, unfinished, stopped, lineOf }: BatchReport): readonly string[] {
  const failed = results.filter((result) => result.status === 'failed');
  const errors = failed.slice(0, annotations).map((result) => {
    const place = lineOf(result.id);
    const at = place === undefined ? '' : `file=${inProperty(place.file)},line=${place.line},`;
    return `::error ${at}title=${inProperty(`aworkers: ${result.id}`)}::${inMessage(result.error_hint ?? 'It failed.')}`;
  });
  const rest = failed.length - annotations;
  return [
    ...errors,
    ...(rest > 0 ? [`::warning title=aworkers::${rest} more failed: see the job summary.`] : []),
    ...(unfinished.length > 0
      ? [`::warning title=aworkers::${inMessage(`${unfinished.length} tasks have no result. ${stopped ?? ''}`)}`]
      : []),
  ];
}

export function githubSummary(report: BatchReport): string {
  const { name, results, unfinished, stopped } = report;
  const failed = results.filter((result) => result.status === 'failed');
  const cost = costOf(results);
  const totals = [
    `${results.length - failed.length} completed`,
    `${failed.length} failed`,
    ...(unfinished.length > 0 ? [`${unfinished.length} without a result`] : []),
    cost === null ? 'cost unknown' : `$${cost.toFixed(4)}`,
    `${results.reduce((sum, { usage }) => sum + promptTokens(usage), 0)} tokens in`,
    `${results.reduce((sum, { usage }) => sum + usage.output_tokens, 0)} out`,
  ];
  return [
    `## ${failed.length + unfinished.length === 0 ? '✅' : '❌'} aworkers: ${inText(name)}`,
    '',
    totals.join(' · '),
    '',
    ...(stopped === undefined ? [] : [`**${inText(stopped)}**`, '']),
    ...failureTable(failed, report),
    ...comparisonTable(results),
    '',
  ].join('\n');
}

function failureTable(failed: readonly TaskResult[], { lineOf }: BatchReport): string[] {
  if (failed.length === 0) return [];
  const rows = failed.slice(0, shownFailures).map((result) => {
    const place = lineOf(result.id);
    const where = place === undefined ? '' : `${place.file}:${place.line}`;
    const checks = result.checks.filter(({ passed }) => !passed).map((check) => check.name);
    const what = checks.length > 0 ? `check ${checks.join(', ')}` : (result.error_type ?? '');
    return row([result.id, where, what, result.error_hint ?? '']);
  });
  const rest = failed.length - shownFailures;
  return [
    row(['failed', 'where', 'what', 'why']),
    '|---|---|---|---|',
    ...rows,
    ...(rest > 0 ? ['', `${rest} more failed: see the results file.`] : []),
    '',
  ];
}

function comparisonTable(results: readonly TaskResult[]): string[] {
  const rows = compare(results);
  if (rows.length < 2) return [];
  return [
    row(['combination', 'tasks', 'failed', 'cost', 'tokens out', 'median time', 'distinct', 'spread', 'from others']),
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows
      .slice(0, shownCombinations)
      .map((each) =>
        row([
          each.label,
          String(each.count),
          String(each.failed),
          each.cost_usd === null ? 'unknown' : `$${each.cost_usd.toFixed(4)}`,
          String(each.output_tokens),
          `${(each.median_duration_ms / 1000).toFixed(1)} s`,
          String(each.distinct),
          each.spread === null ? '–' : each.spread.toFixed(2),
          each.from_others === null ? '–' : each.from_others.toFixed(2),
        ]),
      ),
    '',
    `<sub>${differenceMeaning}</sub>`,
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(inText).join(' | ')} |`;
}

/** As text within one line of Markdown. */
function inText(text: string): string {
  return printable(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~@$>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function inMessage(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function inProperty(text: string): string {
  return inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
