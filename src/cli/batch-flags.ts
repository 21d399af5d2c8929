// Owns: the flags of batches, sweeps and CI, and what they make of a run.
// Promises: every bad value is named by its flag.
// Never: reads a file.
import { AworkersError } from '../contract/errors.ts';
import type { Flags, Values } from './command.ts';
import { amount, wholeNumber } from './config.ts';

export const batchFlags = {
  file: {
    type: 'string',
    alias: 'f',
    valueHint: 'tasks',
    description: 'A batch: every task of a .jsonl, .json, .yaml, .csv or .md file.',
  },
  prompt: {
    type: 'string',
    valueHint: 'text|@file',
    description: 'Prompt of every row of a CSV file, with {{column}} where a cell goes.',
  },
  sweep: {
    type: 'string',
    multiple: true,
    valueHint: 'key=a,b,c',
    description:
      'Run every task with each value of an option, agent_type or prompt (@file). Repeatable: all combinations.',
  },
  repeat: { type: 'string', valueHint: 'n', description: 'Run every task (and combination) n times.' },
  shard: { type: 'string', valueHint: 'i/n', description: 'Run the i-th of n equal parts of the tasks.' },
  out: {
    type: 'string',
    valueHint: 'results.jsonl',
    description: 'A line per task as it ends. The same command again runs only what is missing or changed.',
  },
  'retry-failed': { type: 'boolean', description: 'Run again what --out has as failed.' },
  concurrency: {
    type: 'string',
    valueHint: 'n',
    description: 'Workers that run at once. Default: AWORKERS_MAX_CONCURRENCY, else 20.',
  },
  'fail-fast': { type: 'boolean', description: 'End the run at the first task that fails.' },
  'max-cost': {
    type: 'string',
    valueHint: 'dollars',
    description: 'Hard limit of the whole run; what --out already cost counts.',
  },
  'run-max-turns': { type: 'string', valueHint: 'n', description: 'Hard limit of replies of the whole run.' },
  'run-timeout': { type: 'string', valueHint: 'time', description: 'End the run after so long: 90, 90s, 15m, 2h.' },
  junit: { type: 'string', valueHint: 'file.xml', description: 'Write a JUnit report.' },
  report: { type: 'string', valueHint: 'file.html', description: 'Write the HTML report of the run.' },
} as const satisfies Flags;

export const timeoutFlag = {
  timeout: { type: 'string', valueHint: 'time', description: 'As --timeout-seconds, also 90s, 15m, 2h.' },
} as const satisfies Flags;

type BatchValues = Values<typeof batchFlags>;

/** One of these makes a run a batch, if only of one task. `concurrency` alone does not. */
export function isBatch(flags: BatchValues): boolean {
  return (Object.keys(batchFlags) as (keyof BatchValues)[]).some((name) => {
    const value = flags[name];
    return name !== 'concurrency' && (Array.isArray(value) ? value.length > 0 : Boolean(value));
  });
}

export type BatchLimits = {
  readonly repeat: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly maxCostUsd?: number;
  readonly maxTurns?: number;
  readonly timeoutSeconds?: number;
};

export function batchLimits(flags: BatchValues): BatchLimits {
  const shard = shardIn(flags.shard);
  const maxCostUsd = amount('--max-cost', flags['max-cost']);
  const maxTurns = wholeNumber('--run-max-turns', flags['run-max-turns']);
  const timeoutSeconds = secondsIn('--run-timeout', flags['run-timeout']);
  if (flags['retry-failed'] && flags.out === undefined) {
    throw new AworkersError('usage', '--retry-failed needs --out: it says what has failed.', '');
  }
  return {
    repeat: wholeNumber('--repeat', flags.repeat) ?? 1,
    ...(shard === undefined ? {} : { shard }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

export function secondsIn(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text.trim()) ?? [];
  const seconds = Number(number) * (units[unit] ?? 1);
  if (number !== '' && seconds > 0) return seconds;
  throw new AworkersError('usage', `${flag} must be a time such as 90, 90s, 15m or 2h, not "${text}".`, '');
}

function shardIn(text: string | undefined): BatchLimits['shard'] {
  if (text === undefined) return undefined;
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new AworkersError('usage', `--shard must be i/n with i from 1 to n, such as 2/5, not "${text}".`, '');
}
