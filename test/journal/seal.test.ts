// What a journal proves: that this user's aworkers wrote it, line by line; and what counts when it does not.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { EventBody } from '../../src/contract/event.ts';
import type { WorkerSnapshot } from '../../src/contract/worker.ts';
import { openStore } from '../../src/journal/store.ts';
import { inTempFolder, plan, replied, request, spawned, tickingClock, use, workerId } from './fixtures.ts';

const clock = tickingClock();
const otherId = '22222222-2222-4222-8222-222222222222';

const granted: EventBody = {
  type: 'permission.resolved',
  request_id: 'r1',
  tool_use_id: 't1',
  tool: 'Bash',
  input: { command: 'wc -l a' },
  resolution: { allow: true, scope: 'worker', remembered_rule: 'Bash', decided_by: 'host' },
};

/** A worker that was granted something, and asks for more. */
async function journalOf(dir: string, keyFile: string | undefined, id = workerId): Promise<string> {
  const store = openStore({ logsDir: dir, clock, ...(keyFile === undefined ? {} : { keyFile }) });
  const { log } = await store.create(spawned(store.owner, { worker_id: id, session_id: id }));
  await log.append(replied([use('t1'), use('t2')], { stop_reason: 'tool_use' }));
  await log.append({ type: 'permission.requested', request: request('r1', 't1') });
  await log.append({ type: 'permission.requested', request: request('r2', 't2') });
  await log.append(granted);
  await store.close();
  return log.path;
}

async function isProven(dir: string, keyFile: string): Promise<boolean> {
  const store = openStore({ logsDir: dir, clock, keyFile });
  try {
    return (await store.take(workerId)).proven;
  } finally {
    await store.close();
  }
}

const counts = ({ remembered_rules, pending, history, state }: WorkerSnapshot) => ({
  remembered_rules,
  pending: pending.map(({ request_id }) => request_id),
  answered: history.open.map((open) => open.resolution?.allow),
  asked: history.open.map((open) => open.request?.request_id),
  state,
});

const line = (event: number) => (lines: string[], changed: string) => lines.with(event - 1, changed);

const planted: Readonly<Record<string, (lines: string[], others: string[]) => readonly string[]>> = {
  'an option that was added': ([first = '', ...rest]) => [
    first.replace('"temperature":0.5', '"permission_mode":"bypassPermissions"'),
    ...rest,
  ],
  'one letter of a reply': (lines) => line(2)(lines, (lines[1] ?? '').replace('wc -l a', 'rm -f a')),
  'a line behind the last': (lines) => [
    ...lines,
    JSON.stringify({ v: 1, seq: lines.length + 1, at: '2026-01-01T00:00:00.000Z', type: 'worker.started' }),
  ],
  'seals cut off': (lines) => lines.map((each) => each.replace(/,"seal":"[^"]*"\}$/, '}')),
  'the last seal cut off': (lines) => line(5)(lines, (lines[4] ?? '').replace(/,"seal":"[^"]*"\}$/, '}')),
  "a line of another worker's": (lines, others) => line(5)(lines, others[4] ?? ''),
  "another worker's, under its name": (_, others) => others.map((each) => each.replaceAll(otherId, workerId)),
};

test('a journal proves that it was written here; one that was changed does not', () =>
  inTempFolder(async (dir) => {
    const keyFile = join(dir, 'journal-key');
    const path = await journalOf(dir, keyFile);
    const others = readFileSync(await journalOf(dir, keyFile, otherId), 'utf8')
      .split('\n')
      .slice(0, -1);
    const whole = readFileSync(path, 'utf8');
    assert.equal(await isProven(dir, keyFile), true);
    writeFileSync(path, `${whole}{"v":1,"torn`);
    assert.equal(await isProven(dir, keyFile), true, 'a torn last line never happened');
    for (const [what, change] of Object.entries(planted)) {
      const lines = change(whole.split('\n').slice(0, -1), others);
      assert.notDeepEqual(`${lines.join('\n')}\n`, whole, what);
      writeFileSync(path, `${lines.join('\n')}\n`);
      assert.equal(await isProven(dir, keyFile), false, what);
    }
    writeFileSync(path, whole);
    assert.equal(await isProven(dir, join(dir, 'another-key')), false, 'another user');
  }));

test('what was granted in a journal that proves nothing is gone once it goes on, also for later owners', () =>
  inTempFolder(async (dir) => {
    const keyFile = join(dir, 'journal-key');
    const path = await journalOf(dir, undefined); // as before there were seals
    const before = readFileSync(path, 'utf8');
    const store = openStore({ logsDir: dir, clock, keyFile });
    assert.deepEqual(counts(await store.read(workerId)).remembered_rules, ['Bash']);
    const log = await store.take(workerId);
    await log.append({ type: 'worker.resumed', plan, owner: store.owner, anew: true });
    const left = {
      remembered_rules: [],
      pending: [],
      answered: [undefined, undefined],
      asked: [undefined, undefined],
      state: 'queued',
    };
    assert.deepEqual(counts(log.snapshot()), left);
    await log.append({ type: 'worker.stopped', reason: 'test' });
    await store.close();
    const later = openStore({ logsDir: dir, clock, keyFile });
    const again = await later.take(workerId);
    assert.equal(again.proven, true);
    assert.deepEqual(counts(again.snapshot()), { ...left, state: 'stopped' });
    await later.close();
    const rest = readFileSync(path, 'utf8').slice(before.length);
    writeFileSync(path, before.replace('"temperature":0.5', '"temperature":0.7') + rest);
    assert.equal(await isProven(dir, keyFile), true, 'what stands before it grants nothing, so it need not be proven');
    writeFileSync(path, before + rest.replace(',"anew":true', ''));
    assert.equal(await isProven(dir, keyFile), false);
  }));

test('the key: made once, for its owner alone; without a home there is none, and one that others can read proves nothing', () =>
  inTempFolder(async (dir) => {
    const keyFile = join(dir, '.aworkers', 'journal-key');
    await journalOf(dir, keyFile);
    const key = readFileSync(keyFile, 'utf8');
    assert.match(key, /^[0-9a-f]{64}\n$/);
    if (process.platform !== 'win32') assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    await journalOf(dir, keyFile, otherId);
    assert.equal(readFileSync(keyFile, 'utf8'), key);
    const nowhere = join(dir, 'none', '.aworkers', 'journal-key');
    assert.equal(await isProven(dir, nowhere), false);
    assert.equal(existsSync(join(dir, 'none')), false);
    if (process.platform !== 'win32') {
      assert.equal(await isProven(dir, keyFile), true);
      chmodSync(keyFile, 0o644);
      assert.equal(await isProven(dir, keyFile), false);
      chmodSync(keyFile, 0o600);
    }
    writeFileSync(keyFile, '');
    await assert.rejects(isProven(dir, keyFile), (error) => {
      return error instanceof AworkersError && error.code === 'usage' && error.text.includes(keyFile);
    });
  }));
