// Owns: the comparison of a sweep: a row per combination of values.
// Promises: pure; the measure of difference is stated in `differenceMeaning` and nowhere else computed otherwise.
// Never: judges which answer is better.
import type { TaskResult } from '../contract/task-result.ts';
import { promptTokens } from '../contract/usage.ts';
import { median, sum } from './format.ts';

export type ComparedCombination = {
  /** "temperature=0.5, model=haiku"; '' for the only one. */
  readonly label: string;
  readonly combination: Readonly<Record<string, string>>;
  readonly count: number;
  readonly failed: number;
  /** null: of at least one task unknown. */
  readonly cost_usd: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly median_duration_ms: number;
  /** Different answers, white space aside. */
  readonly distinct: number;
  /** Mean difference of two answers of this combination to the same task; null: no task has two. */
  readonly spread: number | null;
  /** Mean difference of its answers from those of the other combinations to the same task; null: there are no others. */
  readonly from_others: number | null;
};

export const differenceMeaning =
  'Difference of two answers: the share of their words that only one of them has (1 - |A and B| / |A or B|, lower case): 0 the same words, 1 none in common.';

/** Of one task and combination so many answers are compared: pairs grow with the square. */
const comparedAnswers = 30;

export function compare(results: readonly TaskResult[]): readonly ComparedCombination[] {
  const groups = groupBy(results, (result) => labelOf(result.combination));
  const words = new Map<TaskResult, ReadonlySet<string>>();
  const wordsIn = (result: TaskResult): ReadonlySet<string> => {
    const known = words.get(result);
    if (known !== undefined) return known;
    const own = wordsOf(result.result);
    words.set(result, own);
    return own;
  };
  const answers = new Map([...groups].map(([label, group]) => [label, answersByTask(group)]));
  return [...groups].map(([label, group]) => {
    const own = answers.get(label) ?? new Map<string, readonly TaskResult[]>();
    const others = [...answers].filter(([other]) => other !== label).map(([, byTask]) => byTask);
    const difference = (a: TaskResult, b: TaskResult) => differenceOf(wordsIn(a), wordsIn(b));
    const texts = group
      .filter(answered)
      .map((result) => `${result.task}\n${result.result.replaceAll(/\s+/g, ' ').trim()}`);
    return {
      label,
      combination: group[0]?.combination ?? {},
      count: group.length,
      failed: group.filter((result) => result.status === 'failed').length,
      cost_usd: costOf(group),
      input_tokens: sum(group, ({ usage }) => promptTokens(usage)),
      output_tokens: sum(group, ({ usage }) => usage.output_tokens),
      median_duration_ms: median(group.map((result) => result.duration_ms)),
      distinct: new Set(texts).size,
      spread: mean(
        [...own.values()].flatMap((list) =>
          list.flatMap((a, index) => list.slice(index + 1).map((b) => difference(a, b))),
        ),
      ),
      from_others: mean(
        [...own].flatMap(([task, list]) =>
          list.flatMap((a) => others.flatMap((byTask) => (byTask.get(task) ?? []).map((b) => difference(a, b)))),
        ),
      ),
    };
  });
}

export function labelOf(combination: Readonly<Record<string, string>>): string {
  return Object.entries(combination)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** null: of at least one unknown. */
export function costOf(results: readonly TaskResult[]): number | null {
  return results.some((result) => result.total_cost_usd === null)
    ? null
    : sum(results, (result) => result.total_cost_usd ?? 0);
}

function answered(result: TaskResult): boolean {
  return result.status === 'completed' || result.result !== '';
}

function answersByTask(group: readonly TaskResult[]): ReadonlyMap<string, readonly TaskResult[]> {
  const byTask = groupBy(group.filter(answered), (result) => result.task);
  return new Map([...byTask].map(([task, list]) => [task, list.slice(0, comparedAnswers)]));
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
}

function differenceOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const word of a) if (b.has(word)) common += 1;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : 1 - common / all;
}

function groupBy(results: readonly TaskResult[], keyOf: (result: TaskResult) => string): Map<string, TaskResult[]> {
  const groups = new Map<string, TaskResult[]>();
  for (const result of results) {
    const key = keyOf(result);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return groups;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}
