// Where servers come from, who may name them, and what a mistake in a file says.
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import { readServers } from '../../src/mcp-client/index.ts';
import { reply } from '../fakes/messages-api.ts';
import { type Entry, mcpWorld, resultsOf, running, tiny, toolsOffered } from './world.ts';

const malformed: readonly (readonly [intent: string, text: string, problem: RegExp])[] = [
  ['not JSON', '{"mcpServers": {\n  "a": {"command": "x",}\n}}', /:2:24: expected a key in double quotes here\.$/],
  ['cut off', '{"mcpServers": {"a"', /:1:20: expected ":" here\.$/],
  ['something after it', '{"mcpServers": {}} x', /:1:20: expected the end of the file here\.$/],
  ['another file', '{"servers": {}}', /:1:1: there is no "mcpServers"\.$/],
  ['no object', '{"mcpServers": []}', /:1:2: must be an object of servers by name\.$/],
  [
    'a wrong type',
    '{"mcpServers": {\n  "a": {\n    "command": "x",\n    "args": [1]\n}}}',
    /:4:5: a\.args\.0: .*expected string/,
  ],
  [
    'a slip in a key',
    '{"mcpServers": {\n  "a": {"comand": "x", "command": "y"}\n}}',
    /:2:3: a: unknown key "comand", did you mean "command"\?/,
  ],
  ['no command', '{"mcpServers": {"a": {}}}', /:1:17: a: a server over stdio needs a command\.$/],
  ['no url', '{"mcpServers": {"a": {"type": "http"}}}', /:1:17: a: a server over HTTP needs a url\.$/],
  [
    'an unknown type',
    '{"mcpServers": {"a": {"type": "pipe", "command": "x"}}}',
    /a\.type: "pipe" is none of stdio, http\.$/,
  ],
  [
    'two names that workers cannot tell apart',
    '{"mcpServers": {"a.b": {"command": "x"}, "a_b": {"command": "x"}}}',
    /"a\.b" would both be mcp__a_b/,
  ],
];

for (const [intent, text, problem] of malformed) {
  test(`a malformed file (${intent}) is an error with path and place`, async (t) => {
    const world = await mcpWorld(t);
    const path = join(world.folder, 'given.json');
    await writeFile(path, text);
    await assert.rejects(world.app(undefined, { mcpConfig: [path] }), (error: unknown) => {
      assert.ok(error instanceof AworkersError);
      assert.equal(error.code, 'usage');
      assert.ok(error.message.startsWith(`${path}:`), error.message);
      assert.match(error.message, problem);
      return true;
    });
  });
}

test('a file that is not there is an error', async (t) => {
  const world = await mcpWorld(t);
  await assert.rejects(
    world.app(undefined, { mcpConfig: [join(world.folder, 'none.json')] }),
    /none\.json cannot be read/,
  );
});

test('the .mcp.json of a project counts only when the project is trusted; a given file goes before it', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  await mkdir(join(world.folder, '.git'));
  const below = join(world.folder, 'below');
  await mkdir(below);
  const project = { tiny: { command: 'never-started' }, other: tiny(world) };
  await writeFile(join(world.folder, '.mcp.json'), JSON.stringify({ mcpServers: project }));
  const untrusted = await world.app(undefined, { cwd: below });
  await resultsOf(untrusted.manager, { prompt: 'untrusted' });
  assert.equal(
    toolsOffered(world.api).some((name) => name.startsWith('mcp__')),
    false,
  );
  const trusted = await world.app({ tiny: tiny(world) }, { cwd: below, grants: { trustProject: true } });
  await resultsOf(trusted.manager, { prompt: 'trusted' });
  assert.deepEqual(
    toolsOffered(world.api, 2).filter((name) => name.endsWith('echo')),
    ['mcp__other__echo', 'mcp__tiny__echo'],
  );
});

test('aworkers among the servers is left out, with a notice', async (t) => {
  const world = await mcpWorld(t, { script: [reply('done')] });
  const { manager } = await world.app({
    async_worker_manager: { command: 'whatever' },
    tiny: tiny(world),
  });
  const { notices } = await manager.spawn({ description: 'd', prompt: 'p' });
  assert.deepEqual(notices, [
    {
      option: 'mcp_servers',
      requested: 'async_worker_manager',
      sent: null,
      reason: `It is aworkers itself (${join(world.folder, 'servers.json')}); a worker is not given its own manager.`,
    },
  ]);
});

test('an aworkers that serves a worker starts no servers of its own', async (t) => {
  const world = await mcpWorld(t);
  const env = { PATH: process.env['PATH'], AWORKERS_MCP_SERVER: '1' };
  await assert.rejects(world.app({ tiny: tiny(world) }, { env }), /aworkers runs as an MCP server of a worker here/);
});

test('ways to start aworkers are told from servers that only mention it', async (t) => {
  const world = await mcpWorld(t);
  const path = join(world.folder, 'program');
  await writeFile(path, '');
  await symlink(path, join(world.folder, 'link'));
  const kind = (entry: Entry): string => {
    const read = readServers({ some: entry }, 'a.json', { env: {}, self: { path } });
    return 'servers' in read ? (read.servers[0]?.launch.type ?? '') : read.problem;
  };
  const entries: readonly Entry[] = [
    { command: 'aworkers', args: ['mcp'] },
    { command: '/opt/bin/aworkers' },
    { command: 'npx', args: ['-y', 'aworkers@1', 'mcp'] },
    { command: 'bash', args: [join(world.folder, 'link'), 'mcp'] },
    { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/home/me/aworkers'] },
    { command: 'mcp-server-git', args: ['--repository', 'aworkers'] },
    running('/somewhere/server.js'),
  ];
  assert.deepEqual(entries.map(kind), ['self', 'self', 'self', 'self', 'stdio', 'stdio', 'stdio']);
});

test('variables: defaults, what is not set, and what is never handed out', () => {
  const env = { A: 'a', EMPTY: '', ANTHROPIC_API_KEY: 'sk', CLAUDE_PROJECT_DIR: '/p' };
  const launch = (args: readonly string[]) => {
    const read = readServers({ s: { command: '${A}/bin', args } }, 'a.json', { env, self: { path: '/self' } });
    return 'servers' in read ? read.servers[0]?.launch : read;
  };
  assert.deepEqual(launch(['${A}-${B:-b}', '${EMPTY}', '$A', '${CLAUDE_PROJECT_DIR:-.}', '${B:-}']), {
    type: 'stdio',
    command: 'a/bin',
    args: ['a-b', '', '$A', '.', ''],
    env: {},
  });
  assert.deepEqual(launch(['${B}', '${ANTHROPIC_API_KEY}']), {
    type: 'fault',
    reason: '${B}, ${ANTHROPIC_API_KEY} is not set and has no default (${VAR:-default}).',
  });
});
