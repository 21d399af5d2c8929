// The bound of wait results: nothing over 10 kB, nothing lost, in the order of the contract.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { CompletedEntry, FailedEntry, PendingEntry, RunningEntry, WaitResult } from '../../src/contract/worker.ts';
import { boundWait } from '../../src/mcp/bound.ts';
import { cutText, cutValue, fairCap, jsonBytes } from '../../src/mcp/json-size.ts';
import { waitOutputSchema } from '../../src/mcp/wait-output.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function completed(n: number, more: Partial<CompletedEntry> = {}): CompletedEntry {
  return {
    worker_id: id(n),
    session_id: id(n + 500_000),
    description: `task ${n}`,
    conversation_history_file_path: `/home/someone/project/logs/worker-${id(n)}.json`,
    result_preview: 'r'.repeat(200),
    model: 'claude-sonnet-5-5',
    num_turns: 4,
    total_cost_usd: 0.0213,
    duration_ms: 12_345,
    permission_denials: 0,
    ...more,
  };
}

function failed(n: number, more: Partial<FailedEntry> = {}): FailedEntry {
  return { ...completed(n), error_type: 'max_turns', error_hint: 'h'.repeat(300), ...more };
}

function pending(n: number, input: unknown, more: Partial<PendingEntry> = {}): PendingEntry {
  return {
    request_id: id(n + 900_000),
    worker_id: id(n),
    description: `task ${n}`,
    tool: 'Bash',
    input,
    reason: 'No rule allows it.',
    suggested_rule: 'Bash(npm test:*)',
    ...more,
  };
}

function running(n: number): RunningEntry {
  return { worker_id: id(n), description: `task ${n}`, status: 'running', num_turns: 2 };
}

function result(parts: Partial<WaitResult>): WaitResult {
  return { completed: [], failed: [], pending_permissions: [], running: [], ...parts };
}

function many<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

test('what fits is returned as it is', () => {
  const whole = result({
    completed: [completed(1, { result: 'short', structured_output: { a: 1 } })],
    failed: [failed(2)],
    pending_permissions: [pending(3, { command: 'npm test' })],
    running: [running(4)],
  });
  assert.deepEqual(boundWait(whole), { output: whole, moved: [] });
});

test('30 completed: previews go, everything else stays', () => {
  const all = many(28, completed);
  const { output, moved } = boundWait(result({ completed: all }));
  assert.deepEqual(
    output.completed,
    all.map(({ result_preview: _preview, ...entry }) => entry),
  );
  assert.deepEqual(moved, []);
});

test('45 completed: entries shrink to id and path', () => {
  const { output, moved } = boundWait(result({ completed: many(45, completed), running: many(3, running) }));
  assert.deepEqual(
    output.completed,
    many(45, completed).map(({ worker_id, conversation_history_file_path }) => ({
      worker_id,
      conversation_history_file_path,
    })),
  );
  assert.deepEqual([moved, output.running.length], [[], 3]);
});

test('200 completed: those that do not fit move out whole, in order, and some stay', () => {
  const all = many(200, completed);
  const { output, moved } = boundWait(result({ completed: all }));
  assert.ok(output.completed.length > 40);
  assert.deepEqual(moved, all.slice(output.completed.length));
  assert.ok(jsonBytes(output) <= 10_000 - 400);
});

test('a mixed fan-out: failed and pending entries all stay, in full, while completed ones move', () => {
  const failures = many(5, failed);
  const asked = many(5, (n) => pending(n, { command: `rm -r dir${n}` }));
  const { output, moved } = boundWait(
    result({
      completed: many(100, completed),
      failed: failures,
      pending_permissions: asked,
      running: many(200, running),
    }),
  );
  assert.deepEqual(
    output.failed.map((entry) => entry.error_hint),
    failures.map((entry) => entry.error_hint),
  );
  assert.deepEqual(output.pending_permissions, asked);
  assert.equal(output.completed.length + moved.length, 100);
  assert.equal(output.running.length + (output.running_omitted ?? 0), 200);
  assert.ok(jsonBytes(output) <= 10_000);
});

test('an input is whole up to 4 kB, then cut with a marker, its keys kept', () => {
  const whole = { file_path: '/a/b', content: 'x'.repeat(3_900) };
  const long = { file_path: '/a/b', content: 'x'.repeat(100_000) };
  const { output } = boundWait(result({ pending_permissions: [pending(1, whole), pending(2, long)] }));
  assert.deepEqual(output.pending_permissions[0]?.input, whole);
  const cut = output.pending_permissions[1]?.input as typeof long;
  assert.equal(cut.file_path, '/a/b');
  assert.match(cut.content, /^x+… \[cut: 100000 bytes in all\]$/);
  assert.ok(jsonBytes(cut) <= 4_000);
});

test('twenty pending with long inputs: the inputs share the room, short ones stay whole', () => {
  const asked = [pending(0, { command: 'ls' }), ...many(19, (n) => pending(n + 1, { command: 'y'.repeat(4_000) }))];
  const { output } = boundWait(result({ pending_permissions: asked }));
  assert.deepEqual(
    output.pending_permissions.map((entry) => entry.request_id),
    asked.map((entry) => entry.request_id),
  );
  assert.deepEqual(output.pending_permissions[0]?.input, { command: 'ls' });
  assert.ok(jsonBytes(output) <= 10_000);
});

test('hundreds of failures are shortened and never dropped', () => {
  const { output } = boundWait(result({ failed: many(300, failed) }));
  assert.equal(output.failed.length, 300);
  assert.deepEqual(output.failed[299], {
    worker_id: id(299),
    error_type: 'max_turns',
    error_hint: `${'h'.repeat(39)}…`,
  });
});

test('include_results: short results whole, long ones share the room and say they are cut', () => {
  const entries = [
    completed(1, { result: 'ok' }),
    completed(2, { result: 'é"\n'.repeat(20_000) }),
    completed(3, { result: 'z'.repeat(20_000) }),
  ];
  const { output, moved } = boundWait(result({ completed: entries }));
  assert.deepEqual(moved, []);
  assert.equal(output.completed[0]?.result, 'ok');
  assert.match(output.completed[1]?.result ?? '', /^(é"\n)+.{0,2}… \[cut: 80000 bytes in all\]$/s);
  assert.match(output.completed[2]?.result ?? '', /^z{3000,}… \[cut: 20000 bytes in all\]$/);
  assert.ok(jsonBytes(output) <= 10_000 && jsonBytes(output) > 9_000);
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.constant('\uD800'.repeat(500)),
  fc.constant('"\u0000'.repeat(900)),
);
const anyResult: fc.Arbitrary<WaitResult> = fc.record({
  completed: fc.array(fc.tuple(fc.nat(), text, fc.option(text, { nil: undefined })), { maxLength: 80 }).map((list) =>
    list.map(([n, description, value]) =>
      completed(n, {
        description,
        model: description,
        ...(value === undefined ? {} : { result: value, structured_output: value }),
      }),
    ),
  ),
  failed: fc
    .array(fc.tuple(fc.nat(), text), { maxLength: 20 })
    .map((list) => list.map(([n, hint]) => failed(n, { error_hint: hint, result_preview: hint }))),
  pending_permissions: fc
    .array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 4 }), text), { maxLength: 20 })
    .map((list) =>
      list.map(([n, input, reason]) => pending(n, { input, reason }, { reason, suggested_rule: reason, tool: reason })),
    ),
  running: fc.array(fc.nat(), { maxLength: 60 }).map((list) => list.map(running)),
});

test('any result: at most 10 kB, as listed, with every failed, pending and completed worker accounted for', () => {
  fc.assert(
    fc.property(anyResult, (value) => {
      const { output, moved } = boundWait(value);
      assert.ok(jsonBytes(output) + (moved.length > 0 ? 400 : 0) <= 10_000, `${jsonBytes(output)} bytes`);
      assert.deepEqual(waitOutputSchema().parse(output), output);
      assert.deepEqual(
        [...output.completed, ...moved].map((entry) => entry.worker_id),
        value.completed.map((entry) => entry.worker_id),
      );
      assert.deepEqual(
        output.failed.map((entry) => entry.worker_id),
        value.failed.map((entry) => entry.worker_id),
      );
      assert.deepEqual(
        output.pending_permissions.map((entry) => entry.request_id),
        value.pending_permissions.map((entry) => entry.request_id),
      );
    }),
    { numRuns: 150 },
  );
});

test('cutText: never more bytes than asked for, well-formed, whole when it fits', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 45, max: 4_000 }), (value, bytes) => {
      const cut = cutText(value, bytes);
      assert.ok(jsonBytes(cut) <= bytes);
      if (jsonBytes(value) <= bytes) assert.equal(cut, value);
      else assert.match(cut, /\[cut: \d+ bytes in all\]$/);
      if (value.isWellFormed()) assert.ok(cut.isWellFormed());
    }),
  );
});

test('cutValue: never more bytes than asked for', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 60, max: 600 }), (value, bytes) => {
      const cut = cutValue(value, bytes);
      assert.ok(jsonBytes(cut) <= bytes);
      if (jsonBytes(value) <= bytes) assert.deepEqual(cut, value);
    }),
  );
});

test('fairCap: the largest cap that fits', () => {
  const cases: readonly (readonly [number[], number, number])[] = [
    [[1, 2, 3], 6, Number.MAX_SAFE_INTEGER],
    [[10, 10], 10, 5],
    [[2, 100, 100], 42, 20],
    [[5, 5], -1, -1],
  ];
  for (const [sizes, room, cap] of cases) assert.equal(fairCap(sizes, room), cap);
});
