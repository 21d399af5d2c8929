// Owns: the limits that a run was given, side by side: dollars and turns.
// Promises: a task begins under all of them or under none; what earlier runs of the same results file took counts.
import type { EventOf } from '../contract/event.ts';
import { isToolUse } from '../contract/message.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';
import { Budget } from './budget.ts';
import type { BatchTask } from './expand.ts';

export type Limits = {
  readonly maxCostUsd?: number;
  /** Replies of all workers together. */
  readonly maxTurns?: number;
};

type Refusal = { readonly type: 'cost' | 'turns'; readonly reason: string };

/** `blind`: the limit cannot be kept at all, so nothing may go on; otherwise only this worker must not. */
type Overdrawn = Refusal & { readonly blind: boolean };

export type RunBudgets = {
  /** Undefined: the task may begin. */
  readonly reserve: (task: BatchTask) => Refusal | undefined;
  readonly pay: (task: BatchTask, reply: EventOf<'model.replied'>) => Overdrawn | undefined;
  readonly release: (task: BatchTask, whole: boolean) => void;
};

type Part = {
  readonly type: Refusal['type'];
  readonly budget: Budget;
  readonly reason: string;
  /** null: unknown. */
  readonly amountOf: (reply: EventOf<'model.replied'>) => number | null;
  readonly own: (task: BatchTask) => number | undefined;
};

export function openBudgets(
  limits: Limits,
  spent: { readonly cost_usd: number; readonly turns: number },
  begun: readonly WorkerSnapshot[],
): RunBudgets {
  const parts = [
    ...costPart(
      limits.maxCostUsd,
      begun.reduce((sum, worker) => sum + (worker.total_cost_usd ?? 0), spent.cost_usd),
    ),
    ...turnsPart(
      limits.maxTurns,
      begun.reduce((sum, worker) => sum + worker.num_turns, spent.turns),
    ),
  ];
  return {
    reserve: (task) => {
      for (const [index, { budget, own, type, reason }] of parts.entries()) {
        if (budget.reserve(task.id, task.options.model ?? '', own(task))) continue;
        for (const taken of parts.slice(0, index)) taken.budget.release(task.id, false);
        return { type, reason };
      }
      return undefined;
    },
    pay: (task, reply) => {
      const asksAgain = !reply.kept || reply.content.some(isToolUse);
      const overdrawn = parts.flatMap(({ type, budget, amountOf, reason }): Overdrawn[] => {
        const amount = amountOf(reply);
        if (amount === null) {
          return [
            { type, blind: true, reason: `The price of ${reply.model} is not known: --max-cost cannot be kept.` },
          ];
        }
        return budget.spend(task.id, amount, asksAgain) ? [] : [{ type, reason, blind: false }];
      });
      return overdrawn.find(({ blind }) => blind) ?? overdrawn[0];
    },
    release: (task, whole) => {
      for (const { budget } of parts) budget.release(task.id, whole);
    },
  };
}

function costPart(limit: number | undefined, spent: number): Part[] {
  if (limit === undefined) return [];
  return [
    {
      type: 'cost',
      budget: new Budget({ limit, spent, next: (last) => last * 1.25 }),
      reason: `The rest of --max-cost ${limit} is not enough for more.`,
      amountOf: (reply) => reply.cost_usd,
      own: (task) => task.options.max_cost_usd,
    },
  ];
}

function turnsPart(limit: number | undefined, spent: number): Part[] {
  if (limit === undefined) return [];
  return [
    {
      type: 'turns',
      budget: new Budget({ limit, spent, next: () => 1 }),
      reason: `The rest of --run-max-turns ${limit} is not enough for more.`,
      amountOf: () => 1,
      own: (task) => task.options.max_turns,
    },
  ];
}
