// The compiled binary with an MCP server of its own: asked for over wait, answered, and gone with the binary however that ends.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { reply, toolUse } from '../fakes/messages-api.ts';
import { running } from '../mcp-client/world.ts';
import { type Host, host } from './host.ts';

const script = fileURLToPath(new URL('../mcp-client/tiny-server.ts', import.meta.url));

async function withServer({ folder, start }: Host) {
  const tiny = running(script, ['--log', join(folder, 'noted')]);
  await writeFile(join(folder, 'servers.json'), JSON.stringify({ mcpServers: { tiny } }));
  const server = await start(['--mcp-config', 'servers.json', '--allow', 'mcp__tiny__echo']);
  const { structuredContent } = await server.call('spawn_worker', { description: 'uses tiny', prompt: 'go' });
  const [started] = (await readFile(join(folder, 'noted'), 'utf8')).split('\n');
  return { server, id: String(structuredContent?.['worker_id']), pid: Number(started?.replace('started ', '')) };
}

test('an allowed call runs, another waits for approve_permission, and the end of stdin ends the server too', async (t) => {
  const world = await host(t, {
    script: [
      reply([toolUse('mcp__tiny__echo', { a: 1 }), toolUse('mcp__tiny__peek', {}), toolUse('mcp__tiny__fail', {})]),
      reply('all done'),
    ],
  });
  const { server, id, pid } = await withServer(world);
  const asked = await server.call('wait', {});
  const pending = asked['structuredContent']?.pending_permissions as readonly Record<string, string>[];
  assert.deepEqual(
    pending.map(({ tool, suggested_rule }) => [tool, suggested_rule]),
    [
      ['mcp__tiny__peek', 'mcp__tiny__peek'],
      ['mcp__tiny__fail', 'mcp__tiny__fail'],
    ],
  );
  await server.call('approve_permission', { request_id: pending[0]?.['request_id'], allow: true });
  await server.call('approve_permission', {
    request_id: pending[1]?.['request_id'],
    allow: false,
    reason: 'not today',
  });
  const { structuredContent } = await server.call('wait', {});
  assert.equal(structuredContent?.completed.length, 1);
  const log = JSON.parse(await readFile(join(world.folder, 'logs', `worker-${id}.json`), 'utf8')) as Log;
  assert.deepEqual(
    log.messages[2]?.content.map(({ content }) => String(content).split('\n')[0]),
    ['echo {"a":1}', 'peeked', 'Permission to use mcp__tiny__fail was denied. Reason: not today'],
  );
  server.child.stdin.end();
  assert.equal((await server.ended()).code, 0);
  assert.ok(await isGone(pid));
});

test('killed, the binary leaves no server behind', async (t) => {
  const world = await host(t, { script: [reply('done')] });
  const { server, pid } = await withServer(world);
  await server.kill();
  while (!(await isGone(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
});

type Log = { readonly messages: readonly { readonly content: readonly { readonly content?: unknown }[] }[] };

/** Gone, or a zombie that nobody collects in a container without an init. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat === '' || / [ZX] /.test(stat);
}
