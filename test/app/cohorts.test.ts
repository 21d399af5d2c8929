// Workers at the same step go through it together: in order, eight at most, and nobody waits for one that is not there.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createCohorts } from '../../src/cohorts.ts';

for (const quietMs of [undefined, 1]) {
  test(`a few go in the order they came, after whoever brought the last went on (quiet ${quietMs})`, async () => {
    const join = createCohorts(quietMs);
    const seen: string[] = [];
    const gone = ['a', 'b', 'c'].map((name) => join().then(() => seen.push(name)));
    seen.push('went on');
    await Promise.all(gone);
    await join();
    assert.deepEqual(seen, ['went on', 'a', 'b', 'c']);
  });
}

test('the eighth makes a cohort full: it goes at once, and the next begins anew', async () => {
  const join = createCohorts();
  const seen: number[] = [];
  for (let number = 1; number <= 10; number += 1) void join().then(() => seen.push(number));
  await Promise.resolve();
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8]);
  await setImmediate();
  await setImmediate();
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
