// A journal read to its end, and followed while another process writes it.
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { followJournal, readJournal } from '../../src/cli/journal-file.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aworkers-journal-'));
});
after(() => rm(folder, { recursive: true }));

const at = '2026-01-01T00:00:00.000Z';
const started = { v: 1, seq: 1, at, type: 'worker.started' };
const stopped = { v: 1, seq: 2, at, type: 'worker.stopped', reason: 'höchste Zeit' };
const line = (event: unknown) => `${JSON.stringify(event)}\n`;

test('a torn last line is left out', async () => {
  const path = join(folder, 'torn.jsonl');
  await writeFile(path, line(started) + line(stopped).slice(0, 40));
  assert.deepEqual(await readJournal(path), [started]);
});

test('a line that is no event is an error with its number', async () => {
  const path = join(folder, 'bad.jsonl');
  await writeFile(path, line(started) + line({ ...stopped, type: 'worker.danced' }));
  await assert.rejects(readJournal(path), /bad\.jsonl, line 2, is not an event/);
});

test('a journal that is not there is named', async () => {
  await assert.rejects(readJournal(join(folder, 'none.jsonl')), /none\.jsonl cannot be read/);
});

test('what is appended is followed, also when a line comes in two pieces inside a character', async () => {
  const path = join(folder, 'grows.jsonl');
  await writeFile(path, line(started));
  const bytes = Buffer.from(line(stopped));
  const middle = bytes.indexOf(Buffer.from('ö')) + 1;
  const seen: unknown[] = [];
  let asked = 0;
  const goOn = async () => {
    asked += 1;
    if (asked === 1) await appendFile(path, bytes.subarray(0, middle));
    if (asked === 2) await appendFile(path, bytes.subarray(middle));
    return asked < 3;
  };
  for await (const event of followJournal(path, { goOn })) seen.push(event);
  assert.deepEqual(seen, [started, stopped]);
});

test('what was written before the last answer is still read', async () => {
  const path = join(folder, 'late.jsonl');
  await writeFile(path, line(started));
  const goOn = async () => {
    await appendFile(path, line(stopped));
    return false;
  };
  const seen: unknown[] = [];
  for await (const event of followJournal(path, { goOn })) seen.push(event);
  assert.deepEqual(seen, [started, stopped]);
});

test('an abort ends the following', async () => {
  const path = join(folder, 'abort.jsonl');
  await writeFile(path, line(started));
  const controller = new AbortController();
  const seen: unknown[] = [];
  const goOn = async () => {
    controller.abort(new Error('enough'));
    return true;
  };
  for await (const event of followJournal(path, { goOn, signal: controller.signal })) seen.push(event);
  assert.deepEqual(seen, [started]);
});
