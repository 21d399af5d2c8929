// Owns: a batch as JUnit XML, for CI systems: a test case per task, a failed check or worker as its failure.
// Promises: well-formed whatever a model wrote: characters that XML 1.0 does not have are left out, all else is escaped.
// Never: reads or writes a file.
import { XMLBuilder } from 'fast-xml-parser';
import type { TaskResult } from '../contract/task-result.ts';
import type { BatchReport, OpenTask } from './batch-report.ts';
import { labelOf } from './compare.ts';

/** The log has the rest. */
const shownCharacters = 10_000;

export function junitXml({ name, results, unfinished, stopped }: BatchReport): string {
  const failures = results.filter((result) => result.status === 'failed').length;
  const counts = {
    '@_tests': results.length + unfinished.length,
    '@_failures': failures,
    '@_errors': 0,
    '@_skipped': unfinished.length,
    '@_time': seconds(results.reduce((sum, result) => sum + result.duration_ms, 0)),
  };
  const suite = {
    '@_name': clean(name),
    ...counts,
    testcase: [
      ...results.map((result) => testCase(result, name)),
      ...unfinished.map((task) => skippedCase(task, name, stopped)),
    ],
  };
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true });
  const document = {
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    testsuites: { '@_name': 'aworkers', ...counts, testsuite: suite },
  };
  return builder.build(document);
}

function testCase(result: TaskResult, name: string): Readonly<Record<string, unknown>> {
  const hint = clean(result.error_hint ?? '');
  return {
    '@_name': clean(result.id),
    '@_classname': clean(labelOf(result.combination) || name),
    '@_time': seconds(result.duration_ms),
    properties: {
      property: [
        property('worker_id', result.worker_id),
        property('model', result.model),
        property('turns', String(result.num_turns)),
        property('cost_usd', result.total_cost_usd === null ? 'unknown' : String(result.total_cost_usd)),
        property('log', result.conversation_history_file_path),
        ...result.checks.map(({ name: check, passed }) => property(`check: ${check}`, passed ? 'passed' : 'failed')),
      ],
    },
    ...(result.status === 'completed'
      ? {}
      : { failure: { '@_type': clean(result.error_type ?? 'failed'), '@_message': hint, '#text': hint } }),
    ...(result.result === '' ? {} : { 'system-out': clean(result.result.slice(0, shownCharacters)) }),
  };
}

function skippedCase(task: OpenTask, name: string, stopped: string | undefined): Readonly<Record<string, unknown>> {
  return {
    '@_name': clean(task.id),
    '@_classname': clean(labelOf(task.combination) || name),
    skipped: { '@_message': clean(stopped ?? 'not run') },
  };
}

function property(name: string, value: string): Readonly<Record<string, string>> {
  return { '@_name': clean(name), '@_value': clean(value) };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Only what XML 1.0 calls a character. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}
