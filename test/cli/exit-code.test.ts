// The exit codes of the contract and which one wins.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exitCodeOf, exitCodeOfError, type Outcome, type RunFacts } from '../../src/cli/exit-code.ts';

const completed: Outcome = { status: 'completed', unapproved: 0, failedChecks: 0 };
const failed = (error_type: string): Outcome => ({ ...completed, status: 'failed', error_type });
const facts: RunFacts = { allowDenials: false, interrupted: false };

const table: readonly (readonly [intent: string, outcomes: readonly Outcome[], facts: RunFacts, code: number])[] = [
  ['nothing ran', [], facts, 0],
  ['all completed', [completed, completed], facts, 0],
  ['one failed', [completed, failed('refusal')], facts, 1],
  ['a failure of an unknown kind', [failed('something_new')], facts, 1],
  ['stopped', [{ ...completed, status: 'stopped' }], facts, 1],
  ['interrupted by a crash', [{ ...completed, status: 'interrupted' }], facts, 1],
  ['a check failed', [{ ...completed, failedChecks: 1 }], facts, 1],
  ['a call was denied for lack of a person', [{ ...completed, unapproved: 2 }], facts, 3],
  ['the same with --allow-denials', [{ ...completed, unapproved: 2 }], { ...facts, allowDenials: true }, 0],
  ['failed and denied', [{ ...failed('refusal'), unapproved: 1 }], facts, 1],
  ['the cost limit', [failed('max_cost')], facts, 4],
  ['the turn limit', [failed('max_turns')], facts, 4],
  ['the budget of the run', [completed], { ...facts, budgetReached: true }, 4],
  ['a wrong key', [failed('authentication_error')], facts, 5],
  ['a key without the right', [failed('permission_error')], facts, 5],
  ['no money is not a wrong key', [failed('billing_error')], facts, 1],
  ['timed out', [failed('timeout')], facts, 124],
  ['the API timing out is a failure', [failed('timeout_error')], facts, 1],
  ['the time of the run', [completed], { ...facts, timedOut: true }, 124],
  ['interrupted by a signal', [completed], { ...facts, interrupted: true }, 130],
  [
    'interrupted wins over all',
    [failed('authentication_error'), failed('max_cost')],
    { ...facts, interrupted: true },
    130,
  ],
  ['credentials over budget', [failed('max_cost'), failed('authentication_error')], facts, 5],
  ['budget over time', [failed('timeout'), failed('max_cost')], facts, 4],
  ['time over failure', [failed('refusal'), failed('timeout')], facts, 124],
];

for (const [intent, outcomes, run, code] of table) {
  test(`exit code ${code}: ${intent}`, () => assert.equal(exitCodeOf(outcomes, run), code));
}

test('errors have their codes', () => {
  const codes = (['usage', 'not_found', 'conflict', 'credentials', 'io', 'internal'] as const).map((code) => [
    code,
    exitCodeOfError(code),
  ]);
  assert.deepEqual(Object.fromEntries(codes), {
    usage: 2,
    not_found: 2,
    conflict: 2,
    credentials: 5,
    io: 1,
    internal: 1,
  });
});
