// Real processes: killed at random points while they write, and racing for a dead one's workers.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore, replay } from '../../src/journal/store.ts';
import { inTempFolder, replied, resumed, spawned, text, tickingClock } from './fixtures.ts';

const clock = tickingClock();
const writer = fileURLToPath(new URL('./child-writer.ts', import.meta.url));
const taker = fileURLToPath(new URL('./child-taker.ts', import.meta.url));

/** When each child ended. `exitCode` and `signalCode` do not tell: under Deno a signal that was sent counts as an end. */
const ends = new WeakMap<ChildProcess, Promise<unknown>>();

function start(file: string, args: readonly string[]): ChildProcess {
  const before = 'Deno' in globalThis ? ['run', '-A'] : [];
  const child = spawn(process.execPath, [...before, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  ends.set(child, once(child, 'exit'));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ends.get(child);
}

/** Kills the writer once it has reported `count` events; returns the last seq it reported of each worker. */
async function killAfter(dir: string, seed: number, count: number): Promise<Map<string, number>> {
  const child = start(writer, [dir, String(seed)]);
  const stored = new Map<string, number>();
  let lines = 0;
  const reader = createInterface({ input: child.stdout! });
  reader.on('line', (line) => {
    const [id, seq] = line.split(' ');
    // A line that the kill cut short was not reported.
    if (/^[0-9a-f-]{36} \d+$/.test(line)) stored.set(id!, Math.max(stored.get(id!) ?? 0, Number(seq)));
    lines += 1;
    if (lines === count) child.kill('SIGKILL');
  });
  await once(reader, 'close');
  await kill(child);
  return stored;
}

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

test('killed at any moment: every journal parses, what was reported is there, and every worker goes on', () =>
  inTempFolder(async (parent) => {
    for (const seed of seeds) {
      const dir = join(parent, String(seed));
      const stored = await killAfter(dir, seed, 1 + ((seed * 37) % 160));
      assert.ok(stored.size > 0, `seed ${seed}`);
      const store = openStore({ logsDir: dir, clock });
      const listing = await store.list();
      assert.deepEqual(listing.unreadable, [], `seed ${seed}`);
      for (const { worker_id: id, status } of listing.workers) {
        const found = await store.read(id);
        assert.ok(found.last_seq >= (stored.get(id) ?? 0), `seed ${seed}: ${id} lost events`);
        assert.equal(found.state, status);
        const { status: shown } = JSON.parse(readFileSync(store.paths(id).transcript, 'utf8')) as { status: string };
        assert.equal(shown, status, `seed ${seed}: the transcript is in step`);
        const log = await store.take(id);
        const event = await log.append(resumed(store.owner));
        assert.equal(event.seq, found.last_seq + 1, `seed ${seed}`);
        let seen = 0;
        await replay(log.path, () => (seen += 1));
        assert.equal(seen, event.seq, `seed ${seed}`);
      }
      for (const id of stored.keys())
        assert.ok(
          listing.workers.some(({ worker_id }) => worker_id === id),
          `seed ${seed}`,
        );
      await store.close();
    }
  }));

/** A dead process's workers: made by a child that is killed. */
async function deadWorkers(dir: string): Promise<string[]> {
  const stored = await killAfter(dir, 7, 40);
  return [...stored.keys()];
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  return done === true ? 'died' : value;
}

test('of several processes that want a dead one’s worker exactly one gets it, and the others learn its pid', () =>
  inTempFolder(async (dir) => {
    const workers = await deadWorkers(dir);
    const children = Array.from({ length: 4 }, () => start(taker, [dir]));
    const lines = children.map((child) => createInterface({ input: child.stdout! })[Symbol.asyncIterator]());
    try {
      for (const line of lines) assert.equal(await nextLine(line), 'ready');
      for (const id of workers) {
        for (const child of children) child.stdin!.write(`${id}\n`);
        const said = await Promise.all(lines.map(nextLine));
        const won = said.filter((line) => line.startsWith('won'));
        assert.equal(won.length, 1, said.join('; '));
        const pid = won[0]!.split(' ')[1];
        for (const line of said.filter((line) => line !== won[0])) {
          assert.match(line, new RegExp(`^lost conflict Worker ${id} is being run by process ${pid}\\.$`));
        }
        let resumes = 0;
        await replay(join(dir, `worker-${id}.jsonl`), (event) => (resumes += event.type === 'worker.resumed' ? 1 : 0));
        assert.equal(resumes, 1);
      }
      const store = openStore({ logsDir: dir, clock });
      await assert.rejects(store.take(workers[0]!), { code: 'conflict', message: /is being run by process \d+/ });
      assert.equal((await store.read(workers[0]!)).state, 'queued', 'a living process has it in hand');
      await Promise.all(children.map(kill));
      assert.equal((await store.read(workers[0]!)).state, 'interrupted');
      await store.close();
    } finally {
      await Promise.all(children.map(kill));
    }
  }));

test('processes that die between claiming and saying so are passed, any number of them', () =>
  inTempFolder(async (dir) => {
    const [id = ''] = await deadWorkers(dir);
    for (let n = 0; n < 3; n += 1) {
      const child = start(taker, [dir, 'dies']);
      const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
      assert.equal(await nextLine(lines), 'ready');
      child.stdin!.write(`${id}\n`);
      assert.equal(await nextLine(lines), 'died');
      await kill(child);
    }
    const claims = () => readdirSync(dir).filter((name) => name.includes('.claim-')).length;
    assert.equal(claims(), 3);
    const store = openStore({ logsDir: dir, clock });
    await (await store.take(id)).append(resumed(store.owner));
    assert.equal(claims(), 0);
    await store.close();
  }));

test('a process that dies while it takes its own ended worker again is passed too', () =>
  inTempFolder(async (dir) => {
    const instance = '00000000-00000000-1-00000001';
    const first = openStore({ logsDir: dir, clock, instance });
    const { log } = await first.create(spawned(first.owner));
    await log.append({ type: 'worker.completed', result: 'Done.' });
    await first.close();
    // What it would leave: a claim on its own journal, signed by itself.
    const claim = join(dir, `.worker-${log.worker_id}.claim-2-0-${instance}`);
    writeFileSync(claim, JSON.stringify(first.owner));
    const store = openStore({ logsDir: dir, clock });
    const taken = await store.take(log.worker_id);
    assert.equal((await taken.append(resumed(store.owner))).seq, 3);
    await store.close();
  }));

test('a pid that now belongs to another process does not keep a worker', () =>
  inTempFolder(async (dir) => {
    const live = openStore({ logsDir: dir, clock });
    const [place, boot, startedAt] = live.owner.instance.split('-');
    const child = start(taker, [dir]);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    assert.equal(await nextLine(lines), 'ready');
    const cases: readonly [intent: string, instance: string, pid: number, state: string][] = [
      ['another start time', `${place}-${boot}-${startedAt}x-00000001`, child.pid!, 'interrupted'],
      ['another boot', `${place}-00000000-${startedAt}-00000002`, child.pid!, 'interrupted'],
      ['a pid that is free', `${place}-${boot}-${startedAt}-00000003`, 2 ** 30, 'interrupted'],
      ['another store of this process, closed', `${place}-${boot}-${startedAt}-00000004`, process.pid, 'interrupted'],
      ['another machine without a sign of life', `00000000-${boot}-${startedAt}-00000005`, child.pid!, 'interrupted'],
      ['a name of another form, its pid alive', 'somebody', child.pid!, 'running'],
    ];
    try {
      for (const [index, [intent, instance, pid, state]] of cases.entries()) {
        const id = `${String(index).padStart(8, '0')}-1111-4111-8111-111111111111`;
        const store = openStore({ logsDir: dir, clock, instance });
        const { log } = await store.create(spawned(store.owner, { worker_id: id, session_id: id }));
        await log.append({ type: 'worker.started' });
        await store.close();
        const text = readFileSync(log.path, 'utf8').replace(`"pid":${process.pid}`, `"pid":${pid}`);
        writeFileSync(log.path, text);
        assert.equal((await live.read(id)).state, state, intent);
      }
    } finally {
      await kill(child);
      await live.close();
    }
  }));

test('an owner on another machine counts as alive while its sign of life is fresh', () =>
  inTempFolder(async (dir) => {
    const far = openStore({ logsDir: dir, clock, instance: '00000000-00000000-1-00000001' });
    const { log } = await far.create(spawned(far.owner));
    await log.append(replied([text('a')]));
    const child = start(taker, [dir]);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    try {
      assert.equal(await nextLine(lines), 'ready');
      child.stdin!.write(`${log.worker_id}\n`);
      assert.match(await nextLine(lines), /^lost conflict/);
      await far.close();
      child.stdin!.write(`${log.worker_id}\n`);
      assert.match(await nextLine(lines), /^won/);
    } finally {
      await kill(child);
    }
  }));
