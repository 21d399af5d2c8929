// One limit shared by workers side by side: what may begin, what may go on, and how far the limit can be passed.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { Budget } from '../../src/batch/budget.ts';

const open = (limit: number, spent = 0) => new Budget({ limit, spent, next: (last) => last });

test('while nothing is known of a model one worker runs alone; then as many as fit', () => {
  const budget = open(10);
  assert.deepEqual([budget.reserve('a', 'm', undefined), budget.reserve('b', 'm', undefined)], [true, false]);
  budget.spend('a', 1, false);
  budget.release('a', true);
  const begun = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].filter((id) => budget.reserve(id, 'm', undefined));
  assert.equal(begun.length, 6); // of 9 dollars, 1.5 each
});

test('a limit of the task itself is a reservation from the start', () => {
  const budget = open(10);
  const begun = ['a', 'b', 'c', 'd'].filter((id) => budget.reserve(id, 'm', 3));
  assert.deepEqual(begun, ['a', 'b', 'c']);
});

test('a worker that needs more than it holds gets what nobody holds, and no more', () => {
  const budget = open(10);
  budget.reserve('a', 'm', 2);
  budget.reserve('b', 'm', 7);
  assert.equal(budget.spend('a', 1.5, true), true); // 3 needed, 2 held, 1 is free
  assert.equal(budget.spend('a', 1.5, true), false);
  assert.equal(budget.spend('a', 0, false), true);
});

test('what earlier runs spent counts', () => {
  assert.equal(open(10, 10).reserve('a', 'm', undefined), false);
});

test('whatever workers do, the limit is passed by no more than what their last replies cost beyond those before', () => {
  const replies = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(replies, { maxLength: 40 }), fc.integer({ min: 1, max: 400 }), (tasks, limit) => {
      const budget = open(limit);
      const waiting = tasks.map((costs, index) => ({ id: String(index), costs, at: 0 }));
      let running: typeof waiting = [];
      let surprise = 0;
      for (let round = 0; round < 1000 && waiting.length + running.length > 0; round += 1) {
        while (waiting[0] !== undefined && budget.reserve(waiting[0].id, 'm', undefined))
          running.push(waiting.shift()!);
        if (running.length === 0) break;
        running = running.filter((worker) => {
          const cost = worker.costs[worker.at] ?? 0;
          surprise += Math.max(0, cost - (worker.costs[worker.at - 1] ?? 0));
          worker.at += 1;
          const more = worker.at < worker.costs.length;
          const goesOn = budget.spend(worker.id, cost, more) && more;
          if (!goesOn) budget.release(worker.id, !more);
          return goesOn;
        });
      }
      assert.ok(budget.spent <= limit + surprise);
    }),
  );
});

test('turns: never more than the limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      (tasks, limit) => {
        const budget = new Budget({ limit, spent: 0, next: () => 1 });
        const waiting = tasks.map((turns, index) => ({ id: String(index), left: turns }));
        let running: typeof waiting = [];
        for (;;) {
          while (waiting[0] !== undefined && budget.reserve(waiting[0].id, 'm', undefined))
            running.push(waiting.shift()!);
          if (running.length === 0) break;
          running = running.filter((worker) => {
            worker.left -= 1;
            const goesOn = budget.spend(worker.id, 1, worker.left > 0) && worker.left > 0;
            if (!goesOn) budget.release(worker.id, worker.left === 0);
            return goesOn;
          });
          if (running.length === 0 && waiting.length > 0 && budget.left <= 0) break;
        }
        assert.ok(budget.spent <= limit, `${budget.spent} of ${limit}`);
      },
    ),
  );
});
