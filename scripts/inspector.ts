// Owns: the MCP Inspector's command line against the executable, as a stranger's client: each call is a new server process.
// Promises: lists and calls every tool and reads a transcript; prints a line for each; exits 1 when one answers otherwise.
// Never: leaves loopback: the Messages API is the scripted one.
//   bun scripts/inspector.ts [command and arguments that serve MCP; default: dist/aworkers mcp]
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedApi } from '../src/demo/api/server.ts';
import { withNewerNode } from './newer-node.ts';

const inspector = '@modelcontextprotocol/inspector@2.12.0';
const given = process.argv.slice(2);
const server = given.length > 0 ? given : [join(import.meta.dirname, '..', 'dist', 'aworkers'), 'mcp'];
const tools = ['approve_permission', 'list_workers', 'resume_worker', 'spawn_worker', 'stop_worker', 'wait'];

const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-inspector-')));
const api = await startScriptedApi({ script: () => 'Hello from the scripted API.' });
const env = { HOME: folder, ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: api.url };
let calls = 0;

const { serverInfo } = await ask(['--method', 'initialize']);
assert.equal(serverInfo.name, 'async_worker_manager');
const listed = await ask(['--method', 'tools/list', '--strict']);
assert.deepEqual(listed.tools.map(({ name }: { name: string }) => name).toSorted(), tools);

const nothing = await call('wait', {}, 5);
assert.match(nothing.content[0].text, /spawn_worker/);
const { worker_id } = (await call('spawn_worker', { description: 'Greet', prompt: 'Say hello' })).structuredContent;
// The Inspector closes the server after each call: the next one finds a worker that was cut short, or had just ended.
const { completed, failed } = (await call('wait', { worker_ids: [worker_id] })).structuredContent;
assert.deepEqual(
  [...completed, ...failed].map((worker: { worker_id: string }) => worker.worker_id),
  [worker_id],
);
const listing = await call('list_workers', {});
assert.match(JSON.stringify(listing), new RegExp(worker_id));
const resumed = await call('resume_worker', { worker_id, prompt: 'Go on' });
assert.equal(resumed.structuredContent.worker_id, worker_id);
const stopped = await call('stop_worker', { worker_id: '00000000-0000-4000-8000-000000000000' }, 5);
assert.match(stopped.content[0].text, /00000000-0000/);
const answered = await call('approve_permission', { request_id: 'perm-unknown', allow: true }, 5);
assert.match(answered.content[0].text, /perm-unknown/);

const { resources } = await ask(['--method', 'resources/list']);
assert.deepEqual(
  resources.map(({ uri }: { uri: string }) => uri),
  [`worker://${worker_id}`],
);
const { contents } = await ask(['--method', 'resources/read', '--uri', `worker://${worker_id}`]);
assert.equal(JSON.parse(contents[0].text).worker_id, worker_id);

await api.close();
await rm(folder, { recursive: true });
console.log(`MCP Inspector (${inspector}): ${calls} calls answered as they should be`);

async function call(name: string, input: object, code = 0) {
  return ask(['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(input)], code);
}

/** The result as the Inspector printed it; its exit code 5 is a tool's own error. */
async function ask(how: readonly string[], code = 0) {
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const command = ['mcp-inspector', '--cli', '-q', '--format', 'json', ...settings, ...server, ...how];
  const ended = await withNewerNode(inspector, command, { cwd: folder, home: folder });
  assert.equal(ended.code, code, `${how.join(' ')}\n${ended.stdout}\n${ended.stderr}`);
  calls += 1;
  console.log(`ok   ${how.filter((word) => !word.startsWith('--')).join(' ')}`);
  return JSON.parse(ended.stdout).result;
}
