// The transcript: the golden file, its edges, and how often it is written. UPDATE_GOLDEN=1 writes the golden file anew.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EventBody } from '../../src/contract/event.ts';
import { openStore } from '../../src/journal/store.ts';
import { answered, finished, inTempFolder, replied, request, spawned, text, tickingClock, use } from './fixtures.ts';

const golden = fileURLToPath(new URL('../golden/transcript.json', import.meta.url));

async function transcriptOf(dir: string, events: readonly EventBody[]): Promise<string> {
  const store = openStore({ logsDir: dir, clock: tickingClock() });
  const { log } = await store.create(spawned(store.owner));
  for (const event of events) await log.append(event);
  await store.writeTranscript(log);
  await store.close();
  return readFileSync(store.paths(log.worker_id).transcript, 'utf8');
}

test('a whole conversation as a person reads it', () =>
  inTempFolder(async (dir) => {
    const written = await transcriptOf(dir, [
      { type: 'worker.started' },
      replied([
        { type: 'thinking', thinking: 'Two calls.', signature: 'c2ln+/=' },
        text('Let me see.'),
        use('t1'),
        use('t2'),
      ]),
      { type: 'permission.requested', request: request('r1', 't1') },
      answered('r1', 't1', { allow: true, scope: 'once', decided_by: 'host' }),
      answered(null, 't2', { allow: false, reason: 'rule "Bash(rm:*)"', scope: 'once', decided_by: 'policy' }),
      finished('t2', 'Denied by rule "Bash(rm:*)".', true),
      { ...finished('t1'), content: [text('3 a\n'), text('lone \ud800, NUL \u0000, ä 🙂')] } as EventBody,
      replied([text('There are **3** lines.\n\n- a: 3')]),
      { type: 'worker.completed', result: 'There are **3** lines.\n\n- a: 3', structured_output: { lines: 3 } },
    ]);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, written);
    assert.equal(written, readFileSync(golden, 'utf8'));
    assert.deepEqual(Object.keys(JSON.parse(written) as object), [
      'result',
      'session_id',
      'model',
      'total_cost_usd',
      'permission_denials',
      'worker_id',
      'description',
      'status',
      'error_hint',
      'structured_output',
      'usage',
      'num_turns',
      'duration_ms',
      'started_at',
      'ended_at',
      'options',
      'notices',
      'agent_type',
      'messages',
    ]);
    assert.match(written.split('\n').slice(-20).join('\n'), /There are \*\*3\*\* lines\.\\n\\n- a: 3/);
  }));

test('it is the JSON of the whole snapshot, indented by two, also when it has nothing to say', () =>
  inTempFolder(async (dir) => {
    const written = await transcriptOf(dir, [
      replied([], { content: [] }),
      { type: 'worker.failed', error_type: 'empty_reply', error_hint: 'It said nothing.', result: '' },
    ]);
    const value = JSON.parse(written) as Record<string, unknown>;
    assert.equal(written, `${JSON.stringify(value, null, 2)}\n`);
    assert.deepEqual(
      [value['status'], value['error_hint'], value['structured_output']],
      ['failed', 'It said nothing.', null],
    );
  }));

test('calls that overtake each other are one write of the newest, and never leave an unfinished file', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock: tickingClock() });
    const { log } = await store.create(spawned(store.owner));
    const writes: Promise<void>[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      await log.append(replied([text(`turn ${turn}`)]));
      writes.push(store.writeTranscript(log));
    }
    await Promise.all(writes);
    const { transcript } = store.paths(log.worker_id);
    const { num_turns: turns, messages } = JSON.parse(readFileSync(transcript, 'utf8')) as {
      num_turns: number;
      messages: unknown[];
    };
    assert.deepEqual([turns, messages.length], [50, 51]);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.endsWith('.tmp')),
      [],
    );
    await store.close();
  }));

test('200 turns of 10 kB: what is written stays linear, and the end is always there', () =>
  inTempFolder(async (dir) => {
    const store = openStore({ logsDir: dir, clock: tickingClock() });
    const { log } = await store.create(spawned(store.owner));
    const { transcript } = store.paths(log.worker_id);
    let total = 0;
    let last = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      await log.append(replied([use(`t${turn}`)]));
      await log.append(finished(`t${turn}`, 'x'.repeat(10_000)));
      await store.writeTranscript(log);
      const { ino, size } = statSync(transcript);
      if (ino !== last) total += size;
      last = ino;
    }
    const end = statSync(transcript).size;
    assert.ok(end > 1_800_000, `the file keeps up: ${end}`);
    assert.ok(total < 25 * end, `${total} bytes written for ${end}`);
    await log.append({ type: 'permission.requested', request: request('r1', 't1') });
    await store.writeTranscript(log);
    assert.match(readFileSync(transcript, 'utf8'), /"status": "awaiting_permission"/);
    await log.append({ type: 'worker.completed', result: 'The end.' });
    await store.writeTranscript(log);
    assert.match(readFileSync(transcript, 'utf8'), /"result": "The end\."/);
    await store.close();
  }));
