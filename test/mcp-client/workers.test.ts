// Workers with MCP servers: what they are offered, what runs behind the gate, what they and their caller see when a server fails.
import assert from 'node:assert/strict';
import test from 'node:test';
import { reply, toolUse } from '../fakes/messages-api.ts';
import { mcpWorld, resultsOf, tiny, toolResults, toolsOffered } from './world.ts';

const core = ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'];

test('without a server the request is the one it always was', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  const { manager } = await world.app(undefined);
  await resultsOf(manager);
  assert.deepEqual(toolsOffered(world.api), core);
});

test('an allowed tool runs, another is denied, and the denial names the rule for exactly it', async (t) => {
  const world = await mcpWorld(t, {
    script: [reply([toolUse('mcp__tiny__echo', { a: 1 }), toolUse('mcp__tiny__peek', {})]), reply('done')],
  });
  const { manager } = await world.app({ tiny: tiny(world) }, { grants: { allow: ['mcp__tiny__echo'] } });
  const results = await resultsOf(manager);
  assert.equal(results[0], 'ok: echo {"a":1}');
  assert.match(results[1] ?? '', /^error: Permission to use mcp__tiny__peek was denied/);
  assert.deepEqual((await world.noted()).slice(1), ['called echo']);
});
