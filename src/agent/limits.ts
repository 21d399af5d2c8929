// Owns: the limits of one run that are counted in turns and dollars (the time limit is the owner's: it needs a clock).
// Promises: checked between turns only, so a turn that was begun is finished and its work kept.
import { counted } from '../contract/text.ts';
import type { ErrorType } from '../contract/worker.ts';
import type { AgentWorld } from './world.ts';

export type LimitReached = { readonly error_type: ErrorType; readonly error_hint: string };

export function reachedLimit({ plan, spent }: Pick<AgentWorld, 'plan' | 'spent'>): LimitReached | undefined {
  const { max_turns, max_cost_usd } = plan.options;
  if (max_turns === undefined && max_cost_usd === undefined) return undefined;
  const { turns, cost_usd } = spent();
  if (max_turns !== undefined && turns >= max_turns) {
    return {
      error_type: 'max_turns',
      error_hint: `Stopped after ${counted(turns, 'turn')} (max_turns ${max_turns}). Its work is kept: resume it, with a higher max_turns if it needs more.`,
    };
  }
  if (max_cost_usd !== undefined && cost_usd !== null && cost_usd >= max_cost_usd) {
    return {
      error_type: 'max_cost',
      error_hint: `Stopped after $${cost_usd.toFixed(4)} (max_cost_usd ${max_cost_usd}). Its work is kept: resume it, with a higher max_cost_usd if it needs more.`,
    };
  }
  return undefined;
}
