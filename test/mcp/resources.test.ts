// Transcripts as resources: listed in pages, read from the file, announced when they change.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import { ResourceListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { transcriptWindow } from '../../src/mcp/transcript-window.ts';
import { says } from '../fakes/scripted-model.ts';
import { managerWorld } from '../manager/world.ts';
import { connect } from './connect.ts';

test('a transcript is listed, read as it is on disk, and its changes are announced together', async (t) => {
  const world = await managerWorld(t);
  const { manager } = world;
  const { client, sent } = await connect(manager);
  assert.deepEqual((await client.listResources()).resources, []); // the first call: from here on changes are told
  const changed = new Promise<void>((resolve) =>
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => resolve()),
  );
  const { worker_id } = await manager.spawn({ description: 'Research', prompt: 'p' });
  (await world.asked('p')).answer(says('ü'));
  await manager.wait({});
  await changed;
  assert.equal(sent.filter((message) => 'method' in message && message.method.endsWith('list_changed')).length, 1);
  const [resource] = (await client.listResources()).resources;
  assert.deepEqual(
    [resource?.uri, resource?.name, resource?.title, resource?.mimeType],
    [`worker://${worker_id}`, `worker-${worker_id}.json`, 'Research', 'application/json'],
  );
  assert.match(String(resource?.description), /^completed, 1 turn, last activity /);
  const uri = `worker://${worker_id}`;
  const text = await readFile(manager.transcriptPath(worker_id), 'utf8');
  assert.equal((JSON.parse(text) as { result: string }).result, 'ü');
  assert.deepEqual((await client.readResource({ uri })).contents, [{ uri, mimeType: 'application/json', text }]);
  assert.equal((await client.listResourceTemplates()).resourceTemplates[0]?.uriTemplate, 'worker://{id}');
});

test('the list comes in pages of 100 that stay right when new workers come', async (t) => {
  const { manager } = await managerWorld(t, { cap: 1 });
  const spawn = async (prompt: string) => (await manager.spawn({ description: 'd', prompt })).worker_id;
  const ids: string[] = [];
  for (let n = 0; n < 130; n += 1) ids.push(await spawn(`p${n}`));
  const { client } = await connect(manager);
  const first = await client.listResources();
  await spawn('new');
  const second = await client.listResources({ cursor: String(first.nextCursor) });
  const seen = [...first.resources, ...second.resources].map((resource) => resource.uri.slice('worker://'.length));
  assert.deepEqual([first.resources.length, second.nextCursor], [100, undefined]);
  assert.deepEqual(seen.toSorted(), ids.toSorted());
  await assert.rejects(client.listResources({ cursor: 'nobody' }), /-32602.*Unknown cursor "nobody"/);
});

test('what cannot be read says so and names it', async (t) => {
  const { client } = await connect((await managerWorld(t)).manager);
  await assert.rejects(client.readResource({ uri: 'worker://nobody' }), /-32002.*nobody/);
  await assert.rejects(client.readResource({ uri: 'file:///etc/passwd' }), /-32002.*Known: worker:\/\/\{id\}/);
  await assert.rejects(client.readResource({ uri: 'worker://%' }), /-32002/);
});

test('a worker that has only just been spawned has a transcript, or says that it has none yet', async (t) => {
  const { manager } = await managerWorld(t, { cap: 1 });
  const { client } = await connect(manager);
  const { worker_id } = await manager.spawn({ description: 'd', prompt: 'p' });
  const read = client.readResource({ uri: `worker://${worker_id}` });
  await read.then(
    ({ contents }) => assert.match(JSON.stringify(contents[0]), new RegExp(worker_id)),
    (error: Error) => assert.match(error.message, /-32002.*no transcript yet/),
  );
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
