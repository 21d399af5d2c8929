// A published server from npm (@modelcontextprotocol/server-everything, as it comes) behind the gate: allowed, denied, answered by
// a person, and killed in the middle.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { nthRequest, reply, toolUse } from '../fakes/messages-api.ts';
import { mcpWorld, resultsOf, running, toolResults, toolsOffered } from './world.ts';

const script = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);
const everything = running(script, ['stdio']);

test('allowed tools run, one that nobody allowed is denied with the rule that would, one that is denied is not offered', async (t) => {
  const world = await mcpWorld(t, {
    script: [
      reply([
        toolUse('mcp__everything__echo', { message: 'hello' }),
        toolUse('mcp__everything__get-sum', { a: 40, b: 2 }),
        toolUse('mcp__everything__get-env', {}),
      ]),
      reply('done'),
    ],
  });
  const { manager } = await world.app(
    { everything },
    {
      grants: {
        allow: ['mcp__everything__echo', 'mcp__everything__get-sum'],
        deny: ['mcp__everything__gzip-file-as-resource'],
      },
    },
  );
  const results = await resultsOf(manager);
  assert.equal(results[0], 'ok: Echo: hello');
  assert.match(results[1] ?? '', /^ok: .*42/);
  assert.match(results[2] ?? '', /^error: Permission to use mcp__everything__get-env was denied/);
  assert.match(results[2] ?? '', /--allow 'mcp__everything__get-env'/);
  const offered = toolsOffered(world.api).filter((name) => /echo|gzip/.test(name));
  assert.deepEqual(offered, ['mcp__everything__echo']);
});

test('an image, resource links and structured content reach the model as the API takes them', async (t) => {
  const names = ['get-tiny-image', 'get-resource-links', 'get-structured-content'];
  const world = await mcpWorld(t, {
    script: [
      reply([
        toolUse('mcp__everything__get-tiny-image', {}),
        toolUse('mcp__everything__get-resource-links', { count: 2 }),
        toolUse('mcp__everything__get-structured-content', { location: 'Chicago' }),
      ]),
      reply('done'),
    ],
  });
  const { manager } = await world.app(
    { everything },
    { grants: { allow: names.map((name) => `mcp__everything__${name}`) } },
  );
  const [image, links, structured] = await resultsOf(manager);
  assert.match(image ?? '', /^ok: [\s\S]*\[image 1\][\s\S]* \+ image$/);
  assert.equal((links ?? '').match(/\[Resource link: /g)?.length, 2);
  assert.match(structured ?? '', /^ok: \{"temperature"/);
});

test('a person answers over the gate, and may remember a rule for exactly this tool', async (t) => {
  const world = await mcpWorld(t, {
    script: [reply(toolUse('mcp__everything__echo', { message: 'asked' })), reply('done')],
  });
  const { manager } = await world.app({ everything }, { approver: 'host' });
  const { worker_id } = await manager.spawn({ description: 'asks', prompt: 'go' });
  const { pending_permissions } = await manager.wait({});
  const [pending] = pending_permissions;
  const { tool, input, suggested_rule } = pending ?? {};
  assert.deepEqual(
    { tool, input, suggested_rule },
    { tool: 'mcp__everything__echo', input: { message: 'asked' }, suggested_rule: 'mcp__everything__echo' },
  );
  await manager.approve({ request_id: pending?.request_id ?? '', allow: true });
  await manager.wait({});
  assert.deepEqual(await toolResults(manager, worker_id), ['ok: Echo: asked']);
});

test('killed in the middle of a call: that call is an error that says so, the next one starts it again', async (t) => {
  const world = await mcpWorld(t, {
    script: [
      reply(toolUse('mcp__everything__trigger-long-running-operation', { duration: 600, steps: 600 })),
      reply(toolUse('mcp__everything__echo', { message: 'again' })),
      reply('done'),
    ],
  });
  const allow = ['mcp__everything__echo', 'mcp__everything__trigger-long-running-operation'];
  const { manager } = await world.app({ everything }, { grants: { allow } });
  const started = Promise.withResolvers<void>();
  manager.subscribe((event) => {
    if (event.type === 'tool.started') started.resolve();
  });
  const { worker_id } = await manager.spawn({ description: 'unlucky', prompt: 'go' });
  await nthRequest(world.api, 1);
  await started.promise;
  process.kill(serverPid(), 'SIGKILL');
  const { completed } = await manager.wait({});
  assert.equal(completed.length, 1);
  const [lost, again] = await toolResults(manager, worker_id);
  assert.match(lost ?? '', /^error: MCP server "everything" was lost during this call \(it was ended by SIGKILL/);
  assert.match(lost ?? '', /The next call starts it again\.$/);
  assert.equal(again, 'ok: Echo: again');
});

/** The one that this very test process started. Linux only, where the whole suite runs. */
function serverPid(): number {
  const own = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(script));
  const child = own.find((pid) => new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(readStatus(pid)));
  assert.ok(child !== undefined, 'the server runs');
  return Number(child);
}

function commandOf(pid: string): string {
  return readProc(pid, 'cmdline');
}

function readStatus(pid: string): string {
  return readProc(pid, 'status');
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // gone
  }
}
