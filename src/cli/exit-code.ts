// Owns: the exit codes and which one wins when several apply.
// Promises: one number for any set of worker outcomes, the same for one worker and for a batch; a pure table.
// Never: ends the process.
import type { ErrorCode } from '../contract/errors.ts';
import type { WorkerState } from '../contract/worker.ts';

export const exitCode = {
  completed: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  budget: 4,
  credentials: 5,
  timeout: 124,
  interrupted: 130,
} as const satisfies Record<string, number>;

/** As the help prints them. */
export const exitCodeLines: readonly string[] = [
  '0    all completed',
  '1    a worker failed, or a check did',
  '2    bad usage or input; nothing was sent',
  '3    a tool call was denied because nobody could approve it (--allow-denials makes it 0)',
  '4    a budget was reached (cost or turns)',
  '5    no or wrong credentials',
  '124  timed out',
  '130  interrupted',
  'When several apply, the first of 130, 5, 4, 124, 1, 3 counts: what would also stop the next run',
  'comes first, and a denial only when everything completed all the same.',
];

export type Outcome = {
  readonly status: WorkerState;
  readonly error_type?: string;
  /** Tool calls that were denied because nobody could approve them. */
  readonly unapproved: number;
  /** Checks of the task that failed. */
  readonly failedChecks: number;
};

export type RunFacts = {
  readonly allowDenials: boolean;
  readonly interrupted: boolean;
  /** A limit of the whole run was reached, whatever its workers say. */
  readonly budgetReached?: boolean;
  readonly timedOut?: boolean;
};

const byErrorType: Readonly<Record<string, number>> = {
  max_cost: exitCode.budget,
  max_turns: exitCode.budget,
  timeout: exitCode.timeout,
  authentication_error: exitCode.credentials,
  permission_error: exitCode.credentials,
};

const precedence = [
  exitCode.interrupted,
  exitCode.credentials,
  exitCode.budget,
  exitCode.timeout,
  exitCode.failed,
  exitCode.denied,
] as const;

export function exitCodeOf(outcomes: readonly Outcome[], facts: RunFacts): number {
  const reached = new Set<number>(outcomes.flatMap((outcome) => codesOf(outcome, facts)));
  if (facts.interrupted) reached.add(exitCode.interrupted);
  if (facts.budgetReached === true) reached.add(exitCode.budget);
  if (facts.timedOut === true) reached.add(exitCode.timeout);
  return precedence.find((code) => reached.has(code)) ?? exitCode.completed;
}

function codesOf(outcome: Outcome, facts: RunFacts): number[] {
  const failed = outcome.status !== 'completed';
  return [
    ...(failed ? [byErrorType[outcome.error_type ?? ''] ?? exitCode.failed] : []),
    ...(outcome.failedChecks > 0 ? [exitCode.failed] : []),
    ...(outcome.unapproved > 0 && !facts.allowDenials ? [exitCode.denied] : []),
  ];
}

const byErrorCode: Readonly<Record<ErrorCode, number>> = {
  usage: exitCode.usage,
  not_found: exitCode.usage,
  conflict: exitCode.usage,
  credentials: exitCode.credentials,
  io: exitCode.failed,
  internal: exitCode.failed,
};

export function exitCodeOfError(code: ErrorCode): number {
  return byErrorCode[code];
}
