// A look at the file system is shared by what is at it together, and by nothing that comes later.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sharedLook } from '../../src/shared-looks.ts';

test('what is waiting to run as the first look is made shares it; what comes later looks anew', async () => {
  const looks: string[] = [];
  const look = sharedLook((path: string) => looks.push(path));
  const together = [Promise.resolve().then(() => look('a')), Promise.resolve().then(() => look('a'))];

  assert.deepEqual([look('a'), look('b'), look('a')], [1, 2, 1]);
  assert.deepEqual(await Promise.all(together), [1, 1]);
  assert.deepEqual([look('a'), look('a')], [3, 3]);
  assert.deepEqual(looks, ['a', 'b', 'a']);
});

test('nothing found is an answer too; a look that throws is made again', () => {
  let looks = 0;
  const missing = sharedLook((path: string) => {
    looks += 1;
    return path === 'there' ? path : undefined;
  });
  const failing = sharedLook((path: string) => {
    looks += 1;
    throw new Error(path);
  });

  assert.deepEqual([missing('a'), missing('a'), looks], [undefined, undefined, 1]);
  assert.throws(() => failing('b'), /^Error: b$/);
  assert.throws(() => failing('b'), /^Error: b$/);
  assert.equal(looks, 3);
});
