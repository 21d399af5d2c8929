// The pace of what is written in mid-run: one at a time, in order, and who is hurried goes first.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { createPace } from '../../src/journal/pace.ts';

const never = new Promise<void>(() => undefined);

test('one at a time, first come, first served; an error passes the turn on', async (t) => {
  stay(t);
  const pace = createPace();
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  const one = pace.take(async () => {
    told.push('one begins');
    await first.promise;
    told.push('one ends');
  }, never);
  const two = pace.take(() => Promise.reject(new Error('a full disk')), never);
  const three = pace.take(async () => void told.push('three'), never);
  first.resolve();
  await one;
  await assert.rejects(two, /a full disk/);
  await three;
  assert.deepEqual(told, ['one begins', 'one ends', 'three']);
});

test('who is hurried while waiting does not wait, and leaves no gap', async (t) => {
  stay(t);
  const pace = createPace();
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  const hurried = Promise.withResolvers<void>();
  const one = pace.take(() => first.promise, never);
  const two = pace.take(async () => void told.push('two'), hurried.promise);
  const three = pace.take(async () => void told.push('three'), never);
  hurried.resolve();
  await two;
  assert.deepEqual(told, ['two']);
  first.resolve();
  await one;
  await three;
  assert.deepEqual(told, ['two', 'three']);
});

/** A rest keeps no process alive, and Deno ends a test when nothing does. */
function stay(t: TestContext): void {
  const timer = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(timer));
}
