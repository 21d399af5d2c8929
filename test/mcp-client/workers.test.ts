// Workers with MCP servers: what they are offered, what runs behind the gate, what they and their caller see when a server fails.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import type { AworkersError } from '../../src/contract/errors.ts';
import { toolName } from '../../src/mcp-client/names.ts';
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

test('a rule for the server allows all its tools; in mode plan only those that claim to read', async (t) => {
  const both = reply([toolUse('mcp__tiny__echo', {}), toolUse('mcp__tiny__peek', {})]);
  const world = await mcpWorld(t, { script: [both, reply('done')] });
  const open = await world.app({ tiny: tiny(world) }, { grants: { allow: ['mcp__tiny'] } });
  assert.deepEqual(await resultsOf(open.manager, { prompt: 'default' }), ['ok: echo {}', 'ok: peeked']);
  const plan = await world.app({ tiny: tiny(world) }, { grants: { allow: ['mcp__tiny__*'], permissionMode: 'plan' } });
  const [echo, peek] = await resultsOf(plan.manager, { prompt: 'plan' });
  assert.match(echo ?? '', /^error: Permission to use mcp__tiny__echo was denied\. Reason: Mode plan only reads/);
  assert.equal(peek, 'ok: peeked');
});

test('a claim to read grants nothing by itself', async (t) => {
  const world = await mcpWorld(t, { script: [reply(toolUse('mcp__tiny__peek', {})), reply('done')] });
  const { manager } = await world.app({ tiny: tiny(world) });
  assert.match((await resultsOf(manager))[0] ?? '', /^error: Permission to use mcp__tiny__peek was denied/);
});

test('a server that a deny rule takes away is never started', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  const { manager } = await world.app({ tiny: tiny(world) }, { grants: { deny: ['mcp__tiny__*'] } });
  await resultsOf(manager);
  assert.deepEqual(toolsOffered(world.api), core);
  assert.deepEqual(await world.noted(), []);
});

test('one server serves all workers; its environment is scrubbed, its own entries expanded', async (t) => {
  const world = await mcpWorld(t, { script: [reply(toolUse('mcp__tiny__environment', {})), reply('done')] });
  const entry = { ...tiny(world), env: { OWN: '${GIVEN}-${MISSING:-fallback}' } };
  const secrets = { ANTHROPIC_API_KEY: 'sk-secret', CLAUDE_CODE_X: 'x', GIVEN: 'given' };
  const env = { PATH: process.env['PATH'], HOME: world.folder, ...secrets };
  const { manager } = await world.app({ tiny: entry }, { env, grants: { allow: ['mcp__tiny__environment'] } });
  const results = await Promise.all(['a', 'b', 'c'].map((prompt) => resultsOf(manager, { prompt })));
  const seen = results.map(([text]) => JSON.parse(text?.replace(/^ok: /, '') ?? '') as Record<string, string>);
  assert.deepEqual(
    seen.map(({ OWN, GIVEN, ANTHROPIC_API_KEY, CLAUDE_CODE_X }) => [OWN, GIVEN, ANTHROPIC_API_KEY, CLAUDE_CODE_X]),
    Array.from({ length: 3 }, () => ['given-fallback', 'given', undefined, undefined]),
  );
  assert.equal((await world.noted()).filter((line) => line.startsWith('started')).length, 1);
});

test('every kind of content reaches the model as text or image, and an error as text alone', async (t) => {
  const names = ['mixed', 'twice', 'fail', 'flood', toolName('tiny', 'dotted.name').replace('mcp__tiny__', '')];
  const world = await mcpWorld(t, {
    script: [reply(names.map((name) => toolUse(`mcp__tiny__${name}`, {}))), reply('done')],
  });
  const allow = names.map((name) => `mcp__tiny__${name}`);
  const { manager } = await world.app({ tiny: tiny(world) }, { grants: { allow } });
  const [mixed, twice, fail, flood, dotted] = await resultsOf(manager);
  assert.equal(
    mixed,
    `ok: one red

[image 1]

[image: not shown, it is no PNG, JPEG, GIF or WebP]

[audio, audio/wav: cannot be shown]

[Resource link: a] file:///a.txt (text/plain)

[Resource note://1, text/plain]
the note

[Resource bin://1, application/zip: 6 bytes of binary data, not shown]

{
 "answer": 42
} + image`,
  );
  assert.equal(twice, 'ok: {"answer": 42}');
  assert.equal(fail, 'error: it did not work');
  assert.match(flood ?? '', /^ok: x+\n\[\.\.\. [\d,]+ bytes cut here\. Ask for less, or for a part\.\]\nx+$/);
  assert.ok((flood ?? '').length < 31_000);
  assert.equal(dotted, 'ok: dotted');
});

test('a server that does not start fails the spawn with what it said, without its secrets; others still run', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  const { manager } = await world.app({
    broken: { ...tiny(world, '--crash'), env: { TINY_TOKEN: 'hush-hush-1' } },
    absent: { command: 'no-such-program-here' },
    unset: { command: 'true', args: ['${NOT_SET}'] },
    old: { type: 'sse', url: 'http://127.0.0.1:1/' },
    tiny: tiny(world),
  });
  const source = join(world.folder, 'servers.json');
  const failed = (name: string, why: string) => `MCP server "${name}" (${source}) did not start: ${why}`;
  await assert.rejects(manager.spawn({ description: 'd', prompt: 'p' }), (error: AworkersError) => {
    const [broken, absent, unset, old] = error.message.split(/(?<=\.) (?=MCP server)/);
    assert.equal(
      broken,
      failed('broken', 'it exited with code 3; its last words: tiny server here\nno database, token [hidden].'),
    );
    assert.match(absent ?? '', /"absent" .* did not start: it could not be started: .*no-such-program-here/);
    assert.equal(unset, failed('unset', '${NOT_SET} is not set and has no default (${VAR:-default}).'));
    assert.match(old ?? '', /"old" .* did not start: Its transport "sse" is not supported/);
    assert.match(error.hint, /disallowed_tools \["mcp__broken", "mcp__absent", "mcp__unset", "mcp__old"\]/);
    return true;
  });
  const disallowed_tools = ['mcp__broken', 'mcp__absent__*', 'mcp__unset', 'mcp__old'];
  assert.deepEqual(await resultsOf(manager, { options: { disallowed_tools } }), []);
  assert.deepEqual(
    toolsOffered(world.api).filter((name) => name.includes('peek')),
    ['mcp__tiny__peek'],
  );
  assert.deepEqual(await resultsOf(manager, { agent_type: 'Explore' }), []);
});

test('a server that dies at every call is started again once, then is down for the worker', async (t) => {
  const die = reply(toolUse('mcp__tiny__die', {}));
  const world = await mcpWorld(t, { script: [die, die, die, reply('done')] });
  const { manager } = await world.app({ tiny: tiny(world) }, { grants: { allow: ['mcp__tiny__die'] } });
  const [first, second, third] = await resultsOf(manager);
  assert.match(first ?? '', /^error: .* was lost during this call \(it exited with code 7.*starts it again\.$/s);
  assert.match(second ?? '', /^error: .* was lost during this call .*It is not started again\.$/s);
  assert.match(third ?? '', /^error: MCP server "tiny" is down \(it exited with code 7.*Go on without it/s);
  assert.deepEqual(
    (await world.noted()).filter((line) => !line.startsWith('started')),
    ['called die', 'called die'],
  );
});

test('a worker that is stopped cancels its call; a call over its limit is an error', async (t) => {
  const hang = reply(toolUse('mcp__tiny__hang', {}));
  const world = await mcpWorld(t, { script: [hang, reply('done')] });
  const grants = { allow: ['mcp__tiny__hang'] };
  const limited = await world.app({ tiny: { ...tiny(world), timeout: 50 } }, { grants });
  const [late] = await resultsOf(limited.manager);
  assert.match(late ?? '', /^error: MCP server "tiny": .*timed out/);
  const { manager } = await world.app({ tiny: tiny(world) }, { grants });
  const { worker_id } = await manager.spawn({ description: 'stopped', prompt: 'another' });
  const noted = async (line: string) => (await world.noted()).filter((each) => each === line).length;
  await until(async () => (await noted('called hang')) === 2);
  await manager.stop(worker_id);
  assert.equal((await manager.read(worker_id)).state, 'stopped');
  await until(async () => (await noted('cancelled hang')) === 2);
});

test('names that lead nowhere fail the spawn and say what there is', async (t) => {
  const world = await mcpWorld(t);
  const bare = await world.app(undefined);
  const spawn = ({ manager }: typeof bare, allowed_tools: string[]) =>
    manager.spawn({ description: 'd', prompt: 'p', options: { allowed_tools } }).then(
      () => 'spawned',
      (error: AworkersError) => error.text,
    );
  assert.equal(
    await spawn(bare, ['mcp__tiny__echo']),
    'No MCP server fits the tool "mcp__tiny__echo". None is configured: pass --mcp-config.',
  );
  const app = await world.app({ tiny: tiny(world) });
  assert.match(await spawn(app, ['mcp__tony__echo']), /^No MCP server fits .* There are: mcp__tiny\.$/);
  assert.match(
    await spawn(app, ['mcp__tiny__ecko']),
    /^MCP server "tiny" has no tool "mcp__tiny__ecko", did you mean "mcp__tiny__echo"\? It offers: mcp__tiny__die, /,
  );
});

test('an agent file: its tools are all it gets, its own servers count when it is trusted, a wrong name is an error', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  const agents = join(world.folder, '.claude', 'agents');
  await mkdir(agents, { recursive: true });
  const file = (name: string, lines: readonly string[]) =>
    writeFile(join(agents, `${name}.md`), `---\nname: ${name}\n${lines.join('\n')}\n---\nDo it.\n`);
  await file('narrow', ['tools: Read, mcp__tiny__echo']);
  await file('wrong', ['tools: Read, mcp__tiny__ecko']);
  await file('own', ['tools: Read, mcp__mine', `mcpServers: ${JSON.stringify([{ mine: tiny(world) }, 'tiny'])}`]);
  await file('lost', ['mcpServers: [nowhere]']);
  const app = await world.app({ tiny: tiny(world) }, { grants: { trustProject: true } });
  await resultsOf(app.manager, { agent_type: 'narrow' });
  assert.deepEqual(toolsOffered(world.api), ['Read', 'mcp__tiny__echo']);
  await resultsOf(app.manager, { agent_type: 'own' });
  assert.deepEqual(toolsOffered(world.api, 2).slice(0, 3), ['Read', 'mcp__mine__die', toolName('mine', 'dotted.name')]);
  await assert.rejects(
    app.manager.spawn({ description: 'd', prompt: 'p', agent_type: 'wrong' }),
    /has no tool "mcp__tiny__ecko"/,
  );
  await assert.rejects(
    app.manager.spawn({ description: 'd', prompt: 'p', agent_type: 'lost' }),
    /mcpServers names "nowhere"/,
  );
  const untrusted = await world.app({ tiny: tiny(world) });
  await assert.rejects(
    untrusted.manager.spawn({ description: 'd', prompt: 'p', agent_type: 'own' }),
    /No MCP server fits the tool "mcp__mine"/,
  );
});

test('a resumed worker has the tools it had, also after a restart; without its server the resume says so', async (t) => {
  const world = await mcpWorld(t, {
    script: [reply('one'), reply(toolUse('mcp__tiny__echo', { n: 2 })), reply('two')],
  });
  const grants = { allow: ['mcp__tiny__echo'] };
  const first = await world.app({ tiny: tiny(world) }, { grants });
  const { worker_id } = await first.manager.spawn({ description: 'd', prompt: 'p' });
  await first.manager.wait({});
  await first.close('restart');
  const without = await world.app(undefined, { grants });
  await assert.rejects(
    without.manager.resume({ worker_id, prompt: 'on' }),
    /MCP server "tiny" of .*servers\.json, which is not configured here/,
  );
  await without.close('restart');
  const again = await world.app({ tiny: tiny(world, '--many', '3') }, { grants });
  await again.manager.resume({ worker_id, prompt: 'on' });
  await again.manager.wait({});
  assert.deepEqual(await toolResults(again.manager, worker_id), ['ok: echo {"n":2}']);
  const bodies = world.api.requests.map(({ body }) => JSON.stringify((body as { tools: unknown }).tools));
  assert.equal(new Set(bodies).size, 1);
});

test('many tools stay out of the prompt: searched for, then called and judged by their own names', async (t) => {
  const world = await mcpWorld(t, {
    script: [
      reply(toolUse('McpSearch', { query: 'rainfall' })),
      reply([
        toolUse('McpCall', { tool: 'mcp__tiny__tool_7', input: { place: 'Kyoto' } }),
        toolUse('McpCall', { tool: 'mcp__tiny__tool_8' }),
        toolUse('McpCall', { tool: 'mcp__tiny__tool_x' }),
      ]),
      reply('done'),
    ],
  });
  const { manager } = await world.app(
    { tiny: tiny(world, '--many', '100') },
    { grants: { allow: ['mcp__tiny__tool_7'] } },
  );
  const spawned = await manager.spawn({ description: 'd', prompt: 'p' });
  assert.deepEqual(
    spawned.notices.map(({ option, sent }) => [option, sent]),
    [['mcp_servers', ['McpSearch', 'McpCall']]],
  );
  await manager.wait({});
  assert.deepEqual(toolsOffered(world.api), ['Bash', 'Edit', 'Glob', 'Grep', 'McpCall', 'McpSearch', 'Read', 'Write']);
  const [found, ran, denied, unknown] = await toolResults(manager, spawned.worker_id);
  assert.match(found ?? '', /^ok: ## mcp__tiny__tool_7\nMeasures rainfall \(7\)[^\n]+\nInput: \{.*"place"/);
  assert.equal(ran, 'ok: tool_7 ran');
  assert.match(denied ?? '', /^error: Permission to use mcp__tiny__tool_8 was denied/);
  assert.match(unknown ?? '', /^error: There is no MCP tool named "mcp__tiny__tool_x", did you mean/);
  const { permission_denials } = await manager.read(spawned.worker_id);
  assert.deepEqual(
    permission_denials.map(({ tool_name }) => tool_name),
    ['mcp__tiny__tool_8'],
  );
});

test('closing ends the server, also while a spawn waits for one that never answers', async (t) => {
  const world = await mcpWorld(t);
  const app = await world.app({ mute: tiny(world, '--mute') });
  const spawned = assert.rejects(app.manager.spawn({ description: 'd', prompt: 'p' }), /shutting down/);
  const pid = async () => Number((await world.noted())[0]?.replace('started ', '') ?? Number.NaN);
  await until(async () => !Number.isNaN(await pid()));
  await app.close('the end');
  await spawned;
  assert.ok(await isGone(await pid()));
});

/** For what a server writes into a file: there is no event to wait for. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Gone, or a zombie that nobody collects in a container without an init. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return status === '' || / [ZX] /.test(status);
}
