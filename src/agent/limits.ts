// Owns: the limits of one run that are counted in turns and dollars (the time limit is the owner's: it needs a clock).
// Promises: checked between turns only, so a turn that was begun is finished and its work kept.
import type { WorkerOptions } from '../contract/options.ts';
import type { ErrorType } from '../contract/worker.ts';

export type LimitReached = { readonly error_type: ErrorType; readonly error_hint: string };

export function reachedLimit(
  options: WorkerOptions,
  spent: { readonly turns: number; readonly cost_usd: number | null },
): LimitReached | undefined {
  if (options.max_turns !== undefined && spent.turns >= options.max_turns) {
    return {
      error_type: 'max_turns',
      error_hint: `Stopped after ${spent.turns} turns (max_turns ${options.max_turns}). Its work is kept: resume it, with a higher max_turns if it needs more.`,
    };
  }
  if (options.max_cost_usd !== undefined && spent.cost_usd !== null && spent.cost_usd >= options.max_cost_usd) {
    return {
      error_type: 'max_cost',
      error_hint: `Stopped after $${spent.cost_usd.toFixed(4)} (max_cost_usd ${options.max_cost_usd}). Its work is kept: resume it, with a higher max_cost_usd if it needs more.`,
    };
  }
  return undefined;
}
