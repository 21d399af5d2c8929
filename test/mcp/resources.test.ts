// Transcripts as resources: listed in pages, read from the file, announced when they change.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ResourceListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { transcriptWindow } from '../../src/mcp/transcript-window.ts';
import { InMemoryManager } from '../fakes/in-memory-manager.ts';
import { connect } from './connect.ts';

test('a transcript is listed, read as it is on disk, and its changes are announced together', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'aworkers-'));
  t.after(() => rm(dir, { recursive: true }));
  const manager = new InMemoryManager(dir);
  const { client, sent } = await connect(manager);
  const changed = new Promise<void>((resolve) =>
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => resolve()),
  );
  const { worker_id } = await manager.spawn({ description: 'Research', prompt: 'p' });
  const text = `${JSON.stringify({ result: 'ü', messages: [] }, undefined, 2)}\n`;
  await writeFile(manager.transcriptPath(worker_id), text);
  for (let n = 0; n < 5; n += 1) manager.complete(worker_id);
  await changed;
  assert.equal(sent.filter((message) => 'method' in message && message.method.endsWith('list_changed')).length, 1);
  assert.deepEqual((await client.listResources()).resources, [
    {
      uri: `worker://${worker_id}`,
      name: `worker-${worker_id}.json`,
      title: 'Research',
      description: 'completed, 1 turns, last activity 2026-01-01T00:00:00.000Z',
      mimeType: 'application/json',
      annotations: { lastModified: '2026-01-01T00:00:00.000Z' },
    },
  ]);
  const uri = `worker://${worker_id}`;
  assert.deepEqual((await client.readResource({ uri })).contents, [{ uri, mimeType: 'application/json', text }]);
  assert.equal((await client.listResourceTemplates()).resourceTemplates[0]?.uriTemplate, 'worker://{id}');
});

test('the list comes in pages of 100 that stay right when new workers come', async () => {
  const manager = new InMemoryManager();
  const ids: string[] = [];
  for (let n = 0; n < 230; n += 1) ids.push((await manager.spawn({ description: `d${n}`, prompt: 'p' })).worker_id);
  const { client } = await connect(manager);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listResources(cursor === undefined ? {} : { cursor });
    seen.push(...page.resources.map((resource) => resource.uri.slice('worker://'.length)));
    cursor = page.nextCursor;
    await manager.spawn({ description: 'new', prompt: 'p' });
  } while (cursor !== undefined);
  assert.deepEqual(seen, ids.toReversed());
  await assert.rejects(client.listResources({ cursor: 'nobody' }), /-32602.*Unknown cursor "nobody"/);
});

test('what cannot be read says so and names it', async () => {
  const manager = new InMemoryManager('/nowhere');
  const { client } = await connect(manager);
  const { worker_id } = await manager.spawn({ description: 'd', prompt: 'p' });
  await assert.rejects(client.readResource({ uri: 'worker://nobody' }), /-32002.*No worker nobody/);
  await assert.rejects(client.readResource({ uri: 'file:///etc/passwd' }), /-32002.*Known: worker:\/\/\{id\}/);
  await assert.rejects(client.readResource({ uri: 'worker://%' }), /-32002/);
  await assert.rejects(client.readResource({ uri: `worker://${worker_id}` }), /-32002.*no transcript yet/);
});

test('a long transcript becomes a window of the newest messages, valid JSON, with what is missing counted', () => {
  const messages = Array.from({ length: 1_000 }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    content: `${n} ${'é'.repeat(500)}`,
  }));
  const whole = JSON.stringify({ result: 'r'.repeat(100_000), model: 'm', messages }, undefined, 2);
  const window = transcriptWindow(whole, '/logs/x.json', 50_000);
  const seen = JSON.parse(window) as {
    result: string;
    model: string;
    messages_omitted: number;
    whole_file: string;
    messages: unknown[];
  };
  assert.ok(Buffer.byteLength(window) <= 50_000);
  assert.match(seen.result, /^r+… \[cut: 100000 bytes in all\]$/);
  assert.deepEqual([seen.model, seen.whole_file], ['m', '/logs/x.json']);
  assert.deepEqual(seen.messages, messages.slice(seen.messages_omitted));
  assert.ok(seen.messages.length > 15);
  assert.throws(() => transcriptWindow('x'.repeat(100), '/logs/x.json', 50), /is not valid JSON/);
});
