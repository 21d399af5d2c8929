// The store through its door: creating, reading, finding, listing, taking over, closing.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import { openStore } from '../../src/journal/store.ts';
import {
  inTempFolder,
  replied,
  request,
  resumed,
  spawned,
  text,
  tickingClock,
  use,
  workerId,
  sessionId,
} from './fixtures.ts';

const clock = tickingClock();
const completed = { type: 'worker.completed', result: 'Done.' } as const;
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function ids(n: number) {
  const hex = n.toString(16).padStart(4, '0');
  return { worker_id: `${hex}aaaa-0000-4000-8000-000000000000`, session_id: `${hex}bbbb-0000-4000-8000-000000000000` };
}

async function refusal(attempt: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof AworkersError, String(error));
    return { code: error.code, text: error.text };
  }
  return assert.fail('it was not refused');
}

test('a directory we make is 0700 and ignored by git; files are 0600', () =>
  inTempFolder(async (parent) => {
    const dir = join(parent, 'deep', 'logs');
    const store = openStore({ logsDir: dir, clock });
    assert.deepEqual(readdirSync(parent), [], 'nothing is made before something is written');
    const { log } = await store.create(spawned(store.owner));
    await log.append(completed);
    await store.writeTranscript(log);
    const manifest = await store.writeManifest([]);
    assert.equal(mode(dir), '700');
    assert.equal(readFileSync(join(dir, '.gitignore'), 'utf8'), '*\n');
    assert.deepEqual(
      readdirSync(dir).map((name) => mode(join(dir, name))),
      readdirSync(dir).map(() => '600'),
    );
    assert.equal(readFileSync(manifest, 'utf8'), '[]\n');
    await store.close();
    assert.deepEqual(
      readdirSync(dir).filter((name) => /claim|tmp|owner/.test(name)),
      [],
    );
  }));

test('a directory that was there keeps its mode, and only our names are ignored', () =>
  inTempFolder(async (dir) => {
    chmodSync(dir, 0o755);
    writeFileSync(join(dir, 'app.log'), 'theirs');
    const store = openStore({ logsDir: dir, clock });
    await store.create(spawned(store.owner));
    assert.equal(mode(dir), '755');
    assert.equal(readFileSync(join(dir, '.gitignore'), 'utf8'), 'worker-*\n.worker-*\n');
    await store.close();
  }));

test('a logs path that cannot be used is an error that names it', () =>
  inTempFolder(async (parent) => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const [path, code] of [
      [file, 'usage'],
      [join(file, 'logs'), 'usage'],
      ['/sys/aworkers-logs', 'io'],
    ] as const) {
      const store = openStore({ logsDir: path, clock });
      const { code: got, text } = await refusal(store.create(spawned(store.owner)));
      assert.deepEqual({ code: got, names: text.includes(path) }, { code, names: true });
      assert.throws(() => store.makeReady(), AworkersError);
      await store.close();
    }
  }));

test('reading an empty or missing directory finds nobody', () =>
  inTempFolder(async (parent) => {
    const store = openStore({ logsDir: join(parent, 'none'), clock });
    assert.deepEqual(await store.list(), { workers: [], unreadable: [] });
    assert.equal((await refusal(store.read(workerId))).code, 'not_found');
    assert.deepEqual(readdirSync(parent), []);
    await store.close();
  }));

test('a worker is found by id, session or the beginning of either, also after a restart', () =>
  inTempFolder(async (dir) => {
    const first = openStore({ logsDir: dir, clock });
    for (const n of [1, 2, 3]) await (await first.create(spawned(first.owner, ids(n)))).log.append(completed);
    await first.create(spawned(first.owner));
    await first.close();
    const store = openStore({ logsDir: dir, clock });
    for (const [word, expected] of [
      [workerId, workerId],
      [sessionId, workerId],
      [sessionId.toUpperCase(), workerId],
      ['111111', workerId],
      ['99999999-9', workerId],
      ['0002aa', ids(2).worker_id],
      ['0002bb', ids(2).worker_id],
    ] as const) {
      assert.equal(store.find(word), expected, word);
      assert.equal((await store.read(word)).worker_id, expected);
    }
    await store.close();
  }));

test('a word that means no worker, or several, says what there is', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock });
    for (const n of [1, 2])
      await store.create(spawned(store.owner, { ...ids(n), worker_id: `abcdef0${n}-0000-4000-8000-000000000000` }));
    const several = await refusal(store.read('abcdef'));
    assert.equal(several.code, 'usage');
    assert.match(several.text, /abcdef01-.*abcdef02-.*more characters/);
    const near = await refusal(store.read('abcdef01-0000-4000-8000-000000000009'));
    assert.deepEqual(
      [near.code, near.text.includes('Did you mean abcdef01-0000-4000-8000-000000000000?')],
      ['not_found', true],
    );
    for (const word of [
      '',
      '..',
      '../../etc/passwd',
      `../${workerId}`,
      `${workerId}/..`,
      'worker',
      '1\u00002',
      'x'.repeat(1e6),
    ]) {
      const { code, text } = await refusal(store.read(word));
      assert.equal(code, 'not_found');
      assert.ok(text.length < 500 && text.includes('abcdef0'), text);
    }
    assert.equal((await refusal(store.take('../../etc/passwd'))).code, 'not_found');
    await store.close();
  }));

test('list gives a line for each, newest first, and one damaged journal does not hide the others', () =>
  inTempFolder(async (dir) => {
    const first = openStore({ logsDir: dir, clock });
    const { log } = await first.create(spawned(first.owner, ids(1)));
    await log.append({ type: 'worker.started' });
    await log.append(replied([text('Done.')]));
    await log.append(completed);
    await first.create(spawned(first.owner, ids(2)));
    const asking = await first.create(spawned(first.owner, ids(3)));
    await asking.log.append(replied([use('t1')]));
    await asking.log.append({ type: 'permission.requested', request: request('r1', 't1') });
    writeFileSync(join(dir, `worker-${ids(4).worker_id}.jsonl`), '{"v":1}\n');
    writeFileSync(join(dir, `worker-${ids(5).worker_id}.jsonl`), '');
    writeFileSync(join(dir, 'worker-notes.jsonl'), 'not ours');

    const view = ({ workers, unreadable }: Awaited<ReturnType<typeof first.list>>) => ({
      workers: workers.map(({ worker_id, status, num_turns, total_cost_usd, seconds, model }) =>
        [worker_id.slice(0, 4), status, num_turns, total_cost_usd, seconds, model].join(' '),
      ),
      unreadable: unreadable.map(({ worker_id }) => worker_id),
    });
    const line = (id: string, status: string, turns: string, seconds: number) =>
      `${id} ${status} ${turns} ${seconds} claude-haiku-4-5`;
    const unreadable = [ids(4).worker_id];
    const live = {
      workers: [
        line('0003', 'awaiting_permission', '1 0.1', 2),
        line('0002', 'queued', '0 0', 0),
        line('0001', 'completed', '1 0.1', 2),
      ],
      unreadable,
    };
    assert.deepEqual(view(await first.list()), live);
    const beside = openStore({ logsDir: dir, clock });
    assert.deepEqual(view(await beside.list()), live, 'as another process sees it');
    await first.close();
    const dead = { workers: [live.workers[0], line('0002', 'interrupted', '0 0', 0), live.workers[2]], unreadable };
    assert.deepEqual(view(await beside.list()), dead, 'once its owner is gone');
    await beside.close();
    const after = openStore({ logsDir: dir, clock });
    assert.deepEqual(view(await after.list()), dead, 'from the cache');
    rmSync(join(dir, '.worker-index.jsonl'));
    assert.deepEqual(view(await openStore({ logsDir: dir, clock }).list()), dead, 'and without it');
    appendFileSync(join(dir, '.worker-index.jsonl'), 'damaged\n{"worker_id":1}\n\n{"half');
    assert.deepEqual(view(await openStore({ logsDir: dir, clock }).list()), dead, 'and with a damaged one');
    await after.close();
  }));

test('a worker whose process is gone is interrupted, unless it only waits for answers', () =>
  inTempFolder(async (dir) => {
    const first = openStore({ logsDir: dir, clock });
    const { log } = await first.create(spawned(first.owner));
    await log.append({ type: 'worker.started' });
    await log.append(replied([text('I will ask.'), use('t1'), use('t2')]));
    await log.append({ type: 'permission.requested', request: request('r1', 't1') });
    await first.close();
    const store = openStore({ logsDir: dir, clock });
    const halfway = await store.read(workerId);
    assert.deepEqual(
      [halfway.state, halfway.pending, halfway.result, halfway.error_type, halfway.ended_at],
      ['interrupted', [], 'I will ask.', 'interrupted', halfway.last_activity_at],
    );
    assert.match(halfway.error_hint ?? '', new RegExp(`pid ${process.pid}\\) is gone.*Resume`));
    const taken = await store.take(workerId);
    await taken.append(resumed(store.owner));
    await taken.append({ type: 'permission.requested', request: request('r2', 't2') });
    await store.close();
    const last = openStore({ logsDir: dir, clock });
    const asking = await last.read(workerId);
    assert.deepEqual(
      [asking.state, asking.pending],
      ['awaiting_permission', [request('r1', 't1'), request('r2', 't2')]],
    );
    await last.close();
  }));

test('a worker in hand cannot be taken; an ended one can, and goes on where it stood', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock });
    const other = openStore({ logsDir: dir, clock });
    const { log } = await store.create(spawned(store.owner));
    for (const taker of [store, other]) {
      const { code, text } = await refusal(taker.take(workerId));
      assert.deepEqual([code, text.includes(`process ${process.pid}`)], ['conflict', true]);
    }
    await log.append(completed);
    assert.equal(
      (await refusal(log.append({ type: 'worker.started' }))).code,
      'conflict',
      'an ended log takes no more',
    );
    const taken = await other.take(workerId);
    assert.equal((await refusal(store.take(workerId))).code, 'conflict', 'claimed, though nothing is written yet');
    assert.equal(
      (await refusal(taken.append({ type: 'worker.started' }))).code,
      'internal',
      'the owner is named first',
    );
    assert.equal((await refusal(taken.append(resumed(store.owner)))).code, 'internal', 'and it is this one');
    const event = await taken.append(resumed(other.owner));
    assert.equal(event.seq, 3);
    assert.equal((await store.read(workerId)).state, 'queued', 'the first store sees it run elsewhere');
    await taken.append(completed);
    await (await store.take(workerId)).close();
    assert.equal((await store.read(workerId)).state, 'completed', 'taking without a word changes nothing');
    await store.close();
    await other.close();
    assert.equal((await refusal(store.take(workerId))).code, 'conflict', 'a closed store takes nothing');
  }));

test('a missing or outdated transcript is written again when its worker is read, but not under a living owner', () =>
  inTempFolder(async (dir) => {
    const first = openStore({ logsDir: dir, clock });
    const { log } = await first.create(spawned(first.owner));
    const { transcript } = first.paths(workerId);
    const status = () => (JSON.parse(readFileSync(transcript, 'utf8')) as { status: string }).status;
    await first.writeTranscript(log);
    await log.append({ type: 'worker.started' });
    const beside = openStore({ logsDir: dir, clock });
    await beside.read(workerId);
    assert.equal(status(), 'queued');
    await first.close();
    await beside.read(workerId);
    assert.equal(status(), 'interrupted', 'outdated');
    rmSync(transcript);
    await beside.read(workerId);
    assert.equal(status(), 'interrupted', 'missing');
    const before = statSync(transcript).mtimeMs;
    await beside.read(workerId);
    assert.equal(statSync(transcript).mtimeMs, before, 'and then left alone');
    await beside.close();
  }));

test('a directory that vanishes under a running worker is an error, not a new file', () =>
  inTempFolder(async (parent) => {
    const dir = join(parent, 'logs');
    const store = openStore({ logsDir: dir, clock });
    const { log } = await store.create(spawned(store.owner));
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    const { code, text } = await refusal(log.append({ type: 'worker.started' }));
    assert.deepEqual([code, text.includes(log.path)], ['io', true]);
    await store.close();
  }));
