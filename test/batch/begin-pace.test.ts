// How many tasks begin side by side.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBeginPace } from '../../src/batch/begin-pace.ts';

test('one task begins alone, then as many side by side as have started', () => {
  const pace = createBeginPace(() => {});
  const rounds: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const begun: (() => void)[] = [];
    while (pace.mayBegin()) begun.push(pace.begin());
    rounds.push(begun.length);
    for (const started of begun) started();
  }
  assert.deepEqual(rounds, [1, 2, 4, 8, 16, 32]);
});

test('a start that is told twice counts once', () => {
  let told = 0;
  const pace = createBeginPace(() => (told += 1));
  const started = pace.begin();
  started();
  started();
  assert.equal(told, 1);
  pace.begin();
  pace.begin();
  assert.equal(pace.mayBegin(), false);
});
