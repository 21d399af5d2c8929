// Owns: how much of each conversation a report holds, so that 1,000 workers still make one page that opens at once.
// Promises: what is cut is counted, never dropped in silence; the first and the last steps stay.
// Never: cuts what the overview is made of (costs, counts, hints).
import { beginning } from '../contract/text.ts';
import type { Excerpt, ReportStep } from './input.ts';

export type Budget = {
  /** Characters of one text: an answer, a tool's result. */
  readonly answer: number;
  readonly text: number;
  /** Steps and characters of one worker's timeline. */
  readonly steps: number;
  readonly characters: number;
};

const allCharacters = 6_000_000;
const allSteps = 24_000;

/** What a report of so many workers gives to each. */
export function budgetFor(workers: number): Budget {
  const each = (total: number, least: number, most: number) =>
    Math.min(most, Math.max(least, Math.floor(total / Math.max(1, workers))));
  const characters = each(allCharacters, 4_000, 200_000);
  return {
    answer: Math.min(20_000, Math.max(2_000, characters / 2)),
    text: Math.min(6_000, Math.max(1_000, characters / 8)),
    steps: each(allSteps, 16, 400),
    characters,
  };
}

export function excerpt(text: string, most: number): Excerpt {
  if (text.length <= most) return { text, more: 0 };
  const kept = beginning(text, most);
  return { text: kept, more: text.length - kept.length };
}

/** The first and the last steps that fit, a third of the room for the first, and how many are missing between. */
export function fit(steps: readonly ReportStep[], budget: Budget): readonly ReportStep[] {
  const head = fitting(steps, budget.steps / 3, budget.characters / 3);
  const rest = steps.slice(head);
  const tail = fitting(rest.toReversed(), (budget.steps * 2) / 3, (budget.characters * 2) / 3);
  const missing = rest.length - tail;
  if (missing <= 0) return steps;
  return [...steps.slice(0, head), { type: 'left_out', steps: missing }, ...rest.slice(rest.length - tail)];
}

function fitting(steps: readonly ReportStep[], most: number, characters: number): number {
  let room = characters;
  let count = 0;
  for (const step of steps) {
    room -= sizeOf(step);
    if (count >= 1 && (count >= most || room < 0)) return count;
    count += 1;
  }
  return count;
}

function sizeOf(step: ReportStep): number {
  switch (step.type) {
    case 'reply':
      return 200 + step.parts.reduce((sum, part) => sum + part.text.text.length, 0);
    case 'tool':
      return 200 + step.input.text.length + (step.result?.text.length ?? 0);
    case 'retry':
      return 200 + step.message.text.length;
    case 'prompt':
    case 'ended':
    case 'resumed':
      return 100 + step.text.text.length;
    case 'left_out':
      return 100;
  }
}
