// The writer: order, batches, what is flushed, and a disk that fails (a disk of our own making, and a real full one).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import type { EventBody } from '../../src/contract/event.ts';
import { type Files, diskFiles } from '../../src/journal/files.ts';
import { openStore, replay } from '../../src/journal/store.ts';
import {
  answered,
  finished,
  inTempFolder,
  replied,
  request,
  resumed,
  spawned,
  text,
  tickingClock,
  use,
  workerId,
} from './fixtures.ts';

const started: EventBody = { type: 'worker.started' };
const completed: EventBody = { type: 'worker.completed', result: 'Done.' };

/** The disk, watched: each write by its number of lines, each flush. */
function watched(): { files: Files; seen: string[] } {
  const seen: string[] = [];
  const files: Files = {
    ...diskFiles,
    append: (path, data) => {
      seen.push(`write ${data.split('\n').length - 1}`);
      return diskFiles.append(path, data);
    },
    flush: (path) => {
      seen.push('flush');
      return diskFiles.flush(path);
    },
  };
  return { files, seen };
}

const failing = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

async function typesIn(path: string): Promise<string[]> {
  const types: string[] = [];
  await replay(path, (event) => types.push(`${event.seq} ${event.type}`));
  return types;
}

test('appends in flight are one write, in call order, and resolve in it', () =>
  inTempFolder(async (dir) => {
    const { files, seen } = watched();
    const store = openStore({ logsDir: dir, clock: tickingClock(), files });
    const { log } = await store.create(spawned(store.owner));
    const order: number[] = [];
    const bodies = Array.from({ length: 50 }, (_, index) => finished(`t${index}`));
    const events = await Promise.all(
      bodies.map(async (body) => {
        const event = await log.append(body);
        order.push(event.seq);
        return event;
      }),
    );
    assert.deepEqual(
      events.map((event) => event.seq),
      bodies.map((_, index) => index + 2),
    );
    assert.deepEqual(
      order,
      events.map((event) => event.seq),
    );
    assert.deepEqual(events[0], { v: 1, seq: 2, at: '2026-01-01T00:00:01.000Z', ...bodies[0] });
    assert.deepEqual(seen, ['write 1', 'write 50']);
    assert.deepEqual(
      readFileSync(log.path, 'utf8')
        .split('\n')
        .slice(1, -1)
        .map((line) => JSON.parse(line) as unknown),
      events,
    );
    await store.close();
  }));

const flushes: readonly [event: EventBody, flushed: boolean][] = [
  [started, false],
  [replied([text('a')]), false],
  [{ type: 'permission.requested', request: request('r1', 't1') }, false],
  [answered('r1', 't1', { allow: true, scope: 'once', decided_by: 'host' }), false],
  [{ type: 'tool.started', tool_use_id: 't1', tool: 'Bash' }, true],
  [{ type: 'tool.started', tool_use_id: 't1', tool: 'Read' }, false],
  [finished('t1'), false],
  [completed, true],
];

for (const [event, flushed] of flushes) {
  const name = event.type === 'tool.started' ? `${event.type} ${event.tool}` : event.type;
  test(`${name} ${flushed ? 'reaches the device' : 'is only written'} before it is acted on`, () =>
    inTempFolder(async (dir) => {
      const { files, seen } = watched();
      const store = openStore({ logsDir: dir, clock: tickingClock(), files });
      const { log } = await store.create(spawned(store.owner));
      await log.append(event);
      assert.deepEqual(seen.slice(1), flushed ? ['write 1', 'flush'] : ['write 1']);
      await store.close();
    }));
}

test('close waits for the queue, and again is no harm', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock: tickingClock() });
    const { log } = await store.create(spawned(store.owner));
    const pending = [log.append(started), log.append(completed)];
    await Promise.all([store.close(), log.close(), store.close()]);
    assert.deepEqual(
      (await Promise.all(pending)).map((event) => event.seq),
      [2, 3],
    );
    await assert.rejects(log.append(started), { code: 'conflict' });
    assert.deepEqual(await typesIn(log.path), ['1 worker.spawned', '2 worker.started', '3 worker.completed']);
  }));

for (const [code, words] of [
  ['ENOSPC', 'no space left on the device (ENOSPC)'],
  ['EIO', 'the device failed (EIO)'],
] as const) {
  test(`${code} in mid-line: that append and every later one fail alike, what was stored is kept, and a resume goes on`, () =>
    inTempFolder(async (dir) => {
      let full = false;
      const files: Files = {
        ...diskFiles,
        append: async (path, data) => {
          if (!full) return diskFiles.append(path, data);
          await diskFiles.append(path, data.slice(0, 20));
          throw failing(code);
        },
      };
      const store = openStore({ logsDir: dir, clock: tickingClock(), files });
      const { log } = await store.create(spawned(store.owner));
      await log.append(started);
      full = true;
      const told = { code: 'io', message: `Could not write ${log.path}: ${words}.` };
      const hint = /^Events 1 to 2 are kept; .* resume it\.$/;
      for (const attempt of [[finished('t1'), finished('t2')], [completed]]) {
        for (const outcome of await Promise.allSettled(attempt.map((event) => log.append(event)))) {
          const { code: got, message, hint: tip } = (outcome as PromiseRejectedResult).reason as Record<string, string>;
          assert.deepEqual({ code: got, message }, told);
          assert.match(tip!, hint);
        }
      }
      assert.equal(log.snapshot().last_seq, 2, 'the fold holds what is stored');
      assert.equal(readFileSync(log.path, 'utf8').endsWith('\n'), true, 'the torn line is gone');
      full = false;
      const taken = await store.take(workerId);
      await taken.append(resumed(store.owner));
      assert.deepEqual(await typesIn(log.path), ['1 worker.spawned', '2 worker.started', '3 worker.resumed']);
      await store.close();
    }));
}

test('a flush that fails is a failed append: nobody acts on it', () =>
  inTempFolder(async (dir) => {
    const store = openStore({
      logsDir: dir,
      clock: tickingClock(),
      files: { ...diskFiles, flush: () => Promise.reject(failing('EIO')) },
    });
    const { log } = await store.create(spawned(store.owner));
    await assert.rejects(log.append({ type: 'tool.started', tool_use_id: 't1', tool: 'Bash' }), { code: 'io' });
    await assert.rejects(log.append(started), { code: 'io' });
    await store.close();
  }));

test('a worker whose first line cannot be written leaves nothing behind', () =>
  inTempFolder(async (dir) => {
    const files: Files = { ...diskFiles, append: () => Promise.reject(failing('ENOSPC')) };
    const store = openStore({ logsDir: dir, clock: tickingClock(), files });
    await assert.rejects(store.create(spawned(store.owner)), {
      code: 'io',
      message: /no space left/,
      hint: 'The worker did not begin. Make room or mend the disk, then start it again.',
    });
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith('worker-')),
      [],
    );
    await store.close();
  }));

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test('a disk that is really full (a small tmpfs)', { skip: !mayMount }, () =>
  inTempFolder(async (parent) => {
    const dir = join(parent, 'small');
    mkdirSync(dir);
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', dir]);
    try {
      const store = openStore({ logsDir: dir, clock: tickingClock() });
      const { log } = await store.create(spawned(store.owner));
      let stored = 1;
      const fill = async () => {
        for (;;) stored = (await log.append(replied([text('x'.repeat(5000)), use('t1')]))).seq;
      };
      await assert.rejects(fill(), { code: 'io', message: /no space left on the device \(ENOSPC\)/ });
      await assert.rejects(log.append(completed), { code: 'io' });
      await assert.rejects(store.writeTranscript(log), { code: 'io', message: /ENOSPC/ });
      assert.equal((await typesIn(log.path)).length, stored);
      assert.deepEqual(
        readdirSync(dir).filter((name) => name.endsWith('.tmp')),
        [],
      );
      await store.close();
      const reader = openStore({ logsDir: dir, clock: tickingClock() });
      assert.equal((await reader.read(workerId)).state, 'interrupted', 'it can be read on the full disk');
      assert.equal((await reader.list()).workers[0]?.status, 'interrupted');
      await reader.close();
    } finally {
      execFileSync('/bin/umount', [dir]);
    }
  }),
);
