// The reader: torn tails at every byte, bad lines, long lines, generated damage.
import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { AworkersError } from '../../src/contract/errors.ts';
import type { WorkerEvent } from '../../src/contract/event.ts';
import { openStore, replay } from '../../src/journal/store.ts';
import { finished, inTempFolder, replied, resumed, spawned, text, tickingClock, use, workerId } from './fixtures.ts';

const clock = tickingClock();

async function journalOf(dir: string, last = 'The last line, with ä and 🙂.'): Promise<string> {
  const store = openStore({ logsDir: dir, clock });
  const { log } = await store.create(spawned(store.owner));
  await log.append({ type: 'worker.started' });
  await log.append(replied([use('t1')]));
  await log.append(finished('t1', 'x'.repeat(200)));
  await log.append(replied([text(last)]));
  await store.close();
  return log.path;
}

async function eventsOf(path: string): Promise<{ events: WorkerEvent[]; torn: number; bytes: number }> {
  const events: WorkerEvent[] = [];
  const { torn, bytes } = await replay(path, (event) => events.push(event));
  return { events, torn, bytes };
}

async function problem(path: string): Promise<string> {
  try {
    await replay(path, () => {});
  } catch (error) {
    assert.ok(error instanceof AworkersError && error.code === 'io', String(error));
    return error.text;
  }
  return assert.fail('it was read');
}

test('a last line torn at any byte never happened: readers ignore it, the next owner cuts it and goes on', () =>
  inTempFolder(async (dir) => {
    const path = await journalOf(dir);
    const whole = readFileSync(path);
    const { events } = await eventsOf(path);
    const lastAt = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let size = lastAt; size < whole.length; size += 1) {
      writeFileSync(path, whole.subarray(0, size));
      assert.deepEqual(await eventsOf(path), { events: events.slice(0, -1), torn: size - lastAt, bytes: lastAt });
      assert.equal(statSync(path).size, size, 'a reader changes nothing');
      const store = openStore({ logsDir: dir, clock });
      const log = await store.take(workerId);
      assert.deepEqual([log.torn_bytes, statSync(path).size], [size - lastAt, lastAt]);
      const event = await log.append(resumed(store.owner));
      assert.deepEqual((await eventsOf(path)).events, [...events.slice(0, -1), event]);
      await store.close();
    }
  }));

test('a journal torn in its first line is a worker that never was', () =>
  inTempFolder(async (dir) => {
    const path = await journalOf(dir);
    truncateSync(path, 100);
    const store = openStore({ logsDir: dir, clock });
    assert.deepEqual(await store.list(), { workers: [], unreadable: [] });
    await assert.rejects(store.read(workerId), { code: 'not_found' });
    await assert.rejects(store.take(workerId), { code: 'not_found' });
    await store.close();
  }));

const damages: readonly [intent: string, damage: (lines: string[]) => string[], line: number, says: RegExp][] = [
  ['not JSON', (lines) => lines.with(2, '{"v":1,'), 3, /not a journal line/],
  ['an empty line', (lines) => lines.with(1, ''), 2, /not a journal line/],
  ['JSON of something else', (lines) => lines.with(1, '[]'), 2, /not a journal line/],
  [
    'an unknown event',
    (lines) => lines.with(1, '{"v":1,"seq":2,"at":"","type":"worker.sang"}'),
    2,
    /not a journal line/,
  ],
  [
    'a field of the wrong type',
    (lines) => lines.with(3, lines[3]!.replace('"is_error":false', '"is_error":0')),
    4,
    /is_error/,
  ],
  ['a missing line', (lines) => lines.toSpliced(2, 1), 3, /event 4 stands where 3 belongs/],
  ['a doubled line', (lines) => lines.toSpliced(2, 0, lines[1]!), 3, /event 2 stands where 3 belongs/],
  ['another beginning', (lines) => lines.slice(1), 1, /event 2 stands where 1 belongs/],
  [
    'a second spawn',
    (lines) => lines.with(1, lines[0]!.replace('"seq":1', '"seq":2')),
    2,
    /worker.spawned cannot stand here/,
  ],
  [
    'a later version',
    (lines) => lines.with(4, '{"v":2,"seq":5,"news":true}'),
    5,
    /version 2; this program reads version 1/,
  ],
  ['bytes that are not UTF-8', (lines) => lines.with(1, '\udcff'), 2, /not a journal line/],
];

for (const [intent, damage, line, says] of damages) {
  test(`damage is named with file and line: ${intent}`, () =>
    inTempFolder(async (dir) => {
      const path = await journalOf(dir);
      const lines = damage(readFileSync(path, 'utf8').trimEnd().split('\n'));
      const bytes = Buffer.concat(
        lines.map((line) => (line === '\udcff' ? Buffer.from([0xff, 0x0a]) : Buffer.from(`${line}\n`))),
      );
      writeFileSync(path, bytes);
      const said = await problem(path);
      assert.ok(said.includes(`${path}, line ${line}:`), said);
      assert.match(said, says);
    }));
}

test('a journal under another worker’s name is refused', () =>
  inTempFolder(async (dir) => {
    const path = await journalOf(dir);
    const other = '22222222-2222-4222-8222-222222222222';
    writeFileSync(join(dir, `worker-${other}.jsonl`), readFileSync(path), { mode: 0o600 });
    const store = openStore({ logsDir: dir, clock });
    await assert.rejects(store.read(other), { code: 'io', message: new RegExp(`the journal of worker ${workerId}`) });
    await store.close();
  }));

test('a line of 64 MB is stored and read back', () =>
  inTempFolder(async (dir) => {
    const long = 'ä'.repeat(32 * 1024 * 1024);
    const { events } = await eventsOf(await journalOf(dir, long));
    const last = events.at(-1);
    assert.ok(last?.type === 'model.replied' && last.content[0]?.['text'] === long);
  }));

test('whatever is in the file, the reader gives a prefix of its whole lines or names the line', () =>
  inTempFolder(async (dir) => {
    const path = await journalOf(dir);
    const whole = readFileSync(path);
    const { events } = await eventsOf(path);
    const edit = fc.record({
      at: fc.nat(whole.length - 1),
      remove: fc.nat(40),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.constantFrom(...['\n', '{}', '\n\n', '"'].map((text) => Buffer.from(text))),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let bytes = whole;
        for (const { at, remove, insert } of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        }
        writeFileSync(path, bytes);
        const lines = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
        try {
          const got = await eventsOf(path);
          assert.deepEqual([got.bytes, got.bytes + got.torn], [lines.length, bytes.length]);
          assert.deepEqual(
            got.events.map((event) => event.seq),
            got.events.map((_, index) => index + 1),
          );
          assert.ok(got.events.length <= events.length + edits.length * 20);
        } catch (error) {
          assert.ok(error instanceof AworkersError && /, line \d+: /.test(error.message), String(error));
        }
      }),
      { numRuns: 300 },
    );
  }));

test('any text survives the journal', () =>
  inTempFolder(async (dir) => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 5 }),
        fc.jsonValue(),
        async (texts, input) => {
          const id = `${(n += 1).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
          const store = openStore({ logsDir: dir, clock });
          const { log, event } = await store.create(spawned(store.owner, { worker_id: id, session_id: id }));
          const written = [event];
          for (const word of texts) written.push(await log.append(finished('t1', `${word}\ud800`)));
          written.push(await log.append(replied([use('t1', 'Bash', input)])));
          await store.close();
          assert.equal(JSON.stringify((await eventsOf(log.path)).events), JSON.stringify(written));
          assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(log.path)));
        },
      ),
      { numRuns: 60 },
    );
  }));
