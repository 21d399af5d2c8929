// What init does beside merging: which hosts, entries that were there by hand, all or nothing, symlinks, what it says,
// and what is left after --remove.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { runCli } from '../../src/cli/root.ts';
import { carryOut, type HostName, hostNames, hostsInUse, planInit, planRemove } from '../../src/init/index.ts';
import { testIo } from '../cli/cli-io.ts';
import { type Files, withWorld } from './world.ts';

const entry = (text: string, container = 'mcpServers') =>
  (JSON.parse(text) as Record<string, Record<string, unknown>>)[container]?.['async_worker_manager'];
const all = { hosts: hostNames, humanApproval: true, replaceTask: true, trustProject: true } as const;
const fake = (name: string): Files => ({ [`home/bin/${name}`]: '#!/bin/sh\n' });

test('the files of a fresh project, and nothing but them; --remove leaves nothing', () =>
  withWorld({}, async ({ init, remove, snapshot, read }) => {
    const start = snapshot();
    await init(all);
    const names = Object.keys(snapshot()).filter((name) => !name.endsWith('/') && !name.includes('.aworkers/'));
    assert.deepEqual(names, [
      'home/.codex/config.toml',
      'home/.gemini/settings.json',
      'project/.claude/settings.json',
      'project/.claude/skills/async-workers/SKILL.md',
      'project/.claude/skills/async-workers/examples.md',
      'project/.cursor/mcp.json',
      'project/.mcp.json',
      'project/.vscode/mcp.json',
      'project/opencode.json',
    ]);
    const command = '/opt/aworkers';
    assert.deepEqual(entry(read('project/.mcp.json')), {
      type: 'stdio',
      command,
      args: ['mcp', '--trust-project'],
      timeout: 86_400_000,
      alwaysLoad: true,
    });
    assert.deepEqual(JSON.parse(read('project/.claude/settings.json')), {
      permissions: { ask: ['mcp__async_worker_manager__approve_permission'], deny: ['Agent', 'Task'] },
    });
    assert.deepEqual(JSON.parse(read('project/opencode.json')), {
      $schema: 'https://opencode.ai/config.json',
      mcp: {
        async_worker_manager: { type: 'local', command: [command, 'mcp'], enabled: true, timeout: 86_400_000 },
      },
      permission: { async_worker_manager_approve_permission: 'ask' },
    });
    assert.deepEqual(entry(read('home/.gemini/settings.json')), {
      command,
      args: ['mcp'],
      timeout: 86_400_000,
      trust: false,
      env: { ANTHROPIC_API_KEY: '$ANTHROPIC_API_KEY', AWORKERS_WAIT_SECONDS: '86340' },
    });
    assert.deepEqual(entry(read('project/.vscode/mcp.json'), 'servers'), {
      type: 'stdio',
      command,
      args: ['mcp'],
      cwd: '${workspaceFolder}',
      env: { AWORKERS_WAIT_SECONDS: '280' },
    });
    assert.deepEqual(entry(read('project/.cursor/mcp.json')), {
      type: 'stdio',
      command,
      args: ['mcp'],
      env: { ANTHROPIC_API_KEY: '${env:ANTHROPIC_API_KEY}', AWORKERS_WAIT_SECONDS: '50' },
    });
    assert.equal(
      read('home/.codex/config.toml'),
      `[mcp_servers.async_worker_manager]
command = "/opt/aworkers"
args = ["mcp"]
tool_timeout_sec = 86400
default_tools_approval_mode = "approve"
env_vars = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_PROFILE", "ANTHROPIC_CONFIG_DIR", "AWORKERS_MODEL", "AWORKERS_LOGS_DIR", "AWORKERS_MAX_CONCURRENCY", "AWORKERS_MODELS_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"]

[mcp_servers.async_worker_manager.env]
AWORKERS_WAIT_SECONDS = "86340"

[mcp_servers.async_worker_manager.tools.approve_permission]
approval_mode = "prompt"
`,
    );
    assert.ok(!JSON.stringify(snapshot()).includes('sk-secret'));
    await init(all);
    await remove();
    assert.deepEqual(snapshot(), start);
  }));

test('without being asked: no human rule, no deny rule, no trust in the project', () =>
  withWorld({}, async ({ init, read, snapshot }) => {
    await init({ hosts: hostNames });
    assert.deepEqual((entry(read('project/.mcp.json')) as { args: string[] }).args, ['mcp']);
    assert.equal(snapshot()['project/.claude/settings.json'], undefined);
    assert.equal((entry(read('home/.gemini/settings.json')) as { trust: boolean }).trust, true);
    assert.ok(!read('home/.codex/config.toml').includes('prompt'));
    assert.ok(!read('project/opencode.json').includes('permission'));
  }));

const uses: readonly (readonly [files: Files, path: string, expected: readonly HostName[]])[] = [
  [{}, '', []],
  [{ 'project/.mcp.json': '{}' }, '', ['claude-code']],
  [{ 'home/.codex/auth.json': '{}', 'home/.gemini/x': '' }, '', ['codex', 'gemini']],
  [{ 'project/opencode.jsonc': '{}' }, '', ['opencode']],
  [{ 'project/.vscode/settings.json': '{}', 'project/.cursor/rules/a.md': '' }, '', ['vscode', 'cursor']],
  [{ ...fake('claude'), ...fake('cursor') }, 'home/bin', ['claude-code', 'cursor']],
];
for (const [files, path, expected] of uses) {
  test(`hosts in use: ${Object.keys(files).join(', ') || 'nothing'}`, () =>
    withWorld(files, async ({ root, request }) => {
      for (const name of Object.keys(files)) chmodSync(join(root, name), 0o755);
      const env = { PATH: path === '' ? '' : join(root, path) };
      assert.deepEqual(await hostsInUse(request({ env })), expected);
    }));
}

test('no host at all: .mcp.json and the skill, and it is said', () =>
  withWorld({}, async ({ request }) => {
    const { changes, notes } = await planInit(request());
    assert.deepEqual(
      changes.map(({ place }) => place.name),
      ['.mcp.json', '.claude/skills/async-workers/SKILL.md', '.claude/skills/async-workers/examples.md'],
    );
    assert.match(notes.join('\n'), /No host was found/);
  }));

test('the skill: only where asked for, and kept when somebody changed it', () =>
  withWorld(
    { 'project/.claude/skills/async-workers/SKILL.md': 'mine' },
    async ({ init, request, remove, put, snapshot }) => {
      const start = snapshot();
      assert.deepEqual(
        (await planInit(request({ hosts: ['claude-code'], skill: false }))).changes.map(({ place }) => place.name),
        ['.mcp.json'],
      );
      const { notes } = await init({ hosts: ['opencode'], skill: true });
      assert.match(notes.join('\n'), /SKILL\.md is not as init wrote it, so it stays/);
      const mode = snapshot()['project/.claude/skills/async-workers/examples.md']?.slice(0, 3);
      put({ 'project/.claude/skills/async-workers/examples.md': 'changed' });
      const removed = await remove();
      assert.match(removed.notes.join('\n'), /examples\.md was changed since init wrote it: it stays/);
      assert.deepEqual(snapshot(), {
        ...start,
        'project/.claude/skills/async-workers/examples.md': `${mode} changed`,
      });
    },
  ));

test('`aworkers` where PATH leads to this program, its absolute path where it does not', () =>
  withWorld({ ...fake('aworkers'), ...fake('other') }, async ({ root, request }) => {
    chmodSync(join(root, 'home/bin/aworkers'), 0o755);
    chmodSync(join(root, 'home/bin/other'), 0o755);
    symlinkSync(join(root, 'home/bin/aworkers'), join(root, 'linked'));
    const commandFor = async (self: string) => {
      const plan = await planInit(
        request({ hosts: ['claude-code'], self: [self, 'mcp'], env: { PATH: join(root, 'home/bin') } }),
      );
      const { command } = entry(plan.changes[0]?.after?.toString() ?? '') as { command: string };
      return [command, plan.notes.some((note) => note.includes('this machine only'))];
    };
    assert.deepEqual(await commandFor(join(root, 'linked')), ['aworkers', false]);
    assert.deepEqual(await commandFor(join(root, 'home/bin/other')), [join(root, 'home/bin/other'), true]);
  }));

test('an entry by hand keeps what it says; what is missing is added, what differs is said, a dead command is replaced', () =>
  withWorld(
    {
      'home/bin/mine': '#!/bin/sh\n',
      'project/.mcp.json': `{
  "mcpServers": {
    "async_worker_manager": {
      "command": "/nowhere/aworkers", // old
      "args": ["mcp", "--allow", "Bash(npm test:*)"],
      "timeout": 60000
    }
  }
}
`,
      'home/.codex/config.toml': `[mcp_servers.async_worker_manager] # mine
command = "aworkers"
tool_timeout_sec = 60
# end

[profiles.x]
model = "y"
`,
    },
    async ({ init, remove, read, snapshot, put }) => {
      const start = snapshot();
      const { notes } = await init({
        hosts: ['claude-code', 'codex'],
        trustProject: true,
        humanApproval: true,
        skill: false,
      });
      assert.equal(
        read('project/.mcp.json'),
        `{
  "mcpServers": {
    "async_worker_manager": {
      "command": "/opt/aworkers", // old
      "args": ["mcp", "--allow", "Bash(npm test:*)", "--trust-project"],
      "timeout": 60000,
      "type": "stdio",
      "alwaysLoad": true
    }
  }
}
`,
      );
      assert.match(
        read('home/.codex/config.toml'),
        /^\[mcp_servers\.async_worker_manager\] # mine\ncommand = "aworkers"\ntool_timeout_sec = 60\nargs = \["mcp"\]\n[\s\S]*\[mcp_servers\.async_worker_manager\.env\]\nAWORKERS_WAIT_SECONDS = "86340"\n\n\[mcp_servers\.async_worker_manager\.tools\.approve_permission\]\napproval_mode = "prompt"\n# end\n\n\[profiles\.x\]\nmodel = "y"\n$/,
      );
      assert.deepEqual(
        notes.filter((note) => note.includes(' stays ')),
        [
          '.mcp.json: async_worker_manager.timeout stays 60000, as you have it (init would write 86400000).',
          '~/.codex/config.toml: async_worker_manager.command stays "aworkers", as you have it (init would write "/opt/aworkers").',
          '~/.codex/config.toml: async_worker_manager.tool_timeout_sec stays 60, as you have it (init would write 86400).',
        ],
      );
      put({ 'home/.codex/config.toml': `# top\n${read('home/.codex/config.toml')}` });
      await remove();
      const back = snapshot();
      assert.match(back['home/.codex/config.toml'] ?? '', /# top/);
      assert.deepEqual(
        { ...back, 'home/.codex/config.toml': back['home/.codex/config.toml']?.replace('# top\n', '') },
        start,
      );
    },
  ));

test('an entry that is complete by hand: nothing is written, and --remove leaves it alone', () =>
  withWorld({}, async ({ init, remove, root, snapshot, request }) => {
    await init({ hosts: hostNames });
    for (const folder of ['project/.aworkers', 'home/.aworkers']) rmSync(join(root, folder), { recursive: true });
    const start = snapshot();
    assert.deepEqual((await init({ hosts: hostNames })).changes, []);
    const { changes, notes } = await planRemove(request({ hosts: undefined }));
    assert.deepEqual({ changes, notes: notes.length }, { changes: [], notes: 6 });
    await remove();
    assert.deepEqual(snapshot(), start);
  }));

const broken: readonly (readonly [name: string, file: string, text: string, says: RegExp])[] = [
  [
    'JSON',
    'project/.cursor/mcp.json',
    '{\n  "mcpServers": {\n    "a": }\n}',
    /^\.cursor\/mcp\.json:3:10 is not valid JSON: a value is missing\./,
  ],
  [
    'a missing comma',
    'home/.gemini/settings.json',
    '{\r\n  "a": 1\r\n  "b": 2\r\n}',
    /^~\/\.gemini\/settings\.json:3:3 is not valid JSON: a "," is missing\./,
  ],
  ['two documents', 'project/opencode.json', '{}\n{}', /^opencode\.json:2:1 is not valid JSON: there is more text/],
  ['a list for the whole', 'project/.vscode/mcp.json', '[]', /^\.vscode\/mcp\.json:1:1 should hold an object\./],
  [
    'a text for the servers',
    'project/.mcp.json',
    '{"mcpServers": "x"}',
    /^\.mcp\.json:1:16 should hold an object at mcpServers\./,
  ],
  [
    'an object for a list',
    'project/.claude/settings.json',
    '{"permissions": {"deny": {}}}',
    /settings\.json:1:26 should hold a list at permissions\.deny\./,
  ],
  [
    'the same key twice',
    'project/.mcp.json',
    '{"mcpServers": {},\n "mcpServers": {}}',
    /^\.mcp\.json:2:2 gives "mcpServers" a second time\./,
  ],
  ['TOML', 'home/.codex/config.toml', 'a = 1\nb = \n', /^~\/\.codex\/config\.toml:2:\d+ is not valid TOML: /],
  [
    'an inline TOML table',
    'home/.codex/config.toml',
    'mcp_servers = { other = { command = "x" } }\n',
    /cannot be extended/,
  ],
];
for (const [name, file, text, says] of broken) {
  test(`malformed: ${name}: an error with its place, and no file of any host is written`, () =>
    withWorld({ [file]: text }, async ({ init, snapshot }) => {
      const start = snapshot();
      await assert.rejects(init(all), (error: Error) => {
        assert.match(error.message, says);
        return true;
      });
      assert.deepEqual(snapshot(), start);
    }));
}

test('malformed: bytes that are no UTF-8 text', () =>
  withWorld({}, async ({ root, init, snapshot }) => {
    writeFileSync(join(root, 'project/opencode.json'), Buffer.from('\ufeff{}', 'utf16le'));
    const start = snapshot();
    await assert.rejects(init(all), /opencode\.json is not UTF-8 text/);
    assert.deepEqual(snapshot(), start);
  }));

test('a pipe or a huge file in the place of settings is refused, not read', () =>
  withWorld({}, async ({ root, init }) => {
    const path = join(root, 'project/.mcp.json');
    writeFileSync(path, '{}');
    truncateSync(path, 16 * 1024 * 1024 + 1);
    await assert.rejects(init(all), /\.mcp\.json is larger than 16 MiB/);
    rmSync(path);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [path]);
    await assert.rejects(init(all), /\.mcp\.json is not a file/);
    rmSync(path);
  }));

const links: readonly (readonly [name: string, link: string, target: string, refused: boolean])[] = [
  ['a project file out of the project', 'project/.mcp.json', '../elsewhere/mcp.json', true],
  ['a project folder out of the project', 'project/.vscode', '../elsewhere', true],
  ['the record out of the project', 'project/.aworkers', '../elsewhere', true],
  ['a dangling link', 'project/.mcp.json', 'missing.json', true],
  ['a project file within the project', 'project/.mcp.json', 'real.json', false],
  ['a file of the home directory out of it', 'home/.gemini/settings.json', '../../elsewhere/mcp.json', false],
];
for (const [name, link, target, refused] of links) {
  test(`symlink: ${name} is ${refused ? 'refused' : 'followed, and stays a link'}`, () =>
    withWorld({ 'elsewhere/mcp.json': '{}', 'project/real.json': '{}' }, async ({ root, init, remove, snapshot }) => {
      if (link.startsWith('home')) mkdirSync(join(root, 'home/.gemini'));
      symlinkSync(target, join(root, link));
      const start = snapshot();
      if (refused) await assert.rejects(init(all), /symlink|cannot be read/);
      else {
        await init(all);
        assert.equal(snapshot()[link], start[link]);
        await remove();
      }
      assert.deepEqual(snapshot(), start);
    }));
}

test('a file that changed since the question was asked: all others are put back', () =>
  withWorld({ 'project/.mcp.json': '{}', 'home/.gemini/settings.json': '{}' }, async ({ root, request, snapshot }) => {
    const plan = await planInit(request(all));
    const start = snapshot();
    // Somebody else changes the last file between the question and the yes.
    const last = plan.changes.findLast(({ place }) => place.name === '.gemini/settings.json');
    writeFileSync(join(root, 'home/.gemini/settings.json'), '{ }');
    assert.ok(last);
    await assert.rejects(carryOut(plan, request().roots), /~\/\.gemini\/settings\.json was changed by another program/);
    assert.deepEqual(snapshot(), { ...start, 'home/.gemini/settings.json': '640 { }' });
  }));

test('a record that a stranger put into the project removes nothing outside of what init knows', () =>
  withWorld({ 'home/precious': 'x', 'project/keep/me': 'x' }, async ({ put, remove, snapshot }) => {
    const lie = { wrote: 'x', created: true, folders: ['../home', 'keep'], mixed: false };
    put({
      'project/.aworkers/init.json': JSON.stringify({ version: 1, files: { '../home/precious': lie, 'keep/me': lie } }),
    });
    const start = snapshot();
    assert.deepEqual((await remove()).changes, []);
    assert.deepEqual(snapshot(), start);
  }));

test('the user edits between two runs, then takes back: the edits stay', () =>
  withWorld({ 'project/.mcp.json': '{\n  "mcpServers": {}\n}\n' }, async ({ init, remove, put, read }) => {
    await init({ hosts: ['claude-code'] });
    put({ 'project/.mcp.json': read('project/.mcp.json').replace('"mcpServers": {', '"mine": 1,\n  "mcpServers": {') });
    await init({ hosts: ['claude-code'], trustProject: true });
    const { notes } = await remove();
    assert.match(notes.join('\n'), /only what init had added/);
    assert.deepEqual(JSON.parse(read('project/.mcp.json')), { mine: 1, mcpServers: {} });
  }));

test('--remove for one host leaves the others', () =>
  withWorld({}, async ({ init, remove, snapshot }) => {
    await init({ hosts: ['claude-code', 'codex', 'cursor'] });
    await remove(['cursor', 'claude-code']);
    assert.deepEqual(
      Object.keys(snapshot()).filter((name) => !name.includes('.aworkers') && !name.endsWith('/')),
      ['home/.codex/config.toml'],
    );
  }));

for (const [key, written] of [
  ['y', true],
  ['n', false],
  ['\r', false],
] as const) {
  test(`in a terminal, ${JSON.stringify(key)} to the question ${written ? 'writes' : 'writes nothing'}`, () =>
    withWorld({}, async ({ project, home, snapshot }) => {
      const start = snapshot();
      const screen = testIo({ terminal: true, cwd: project, home, env: { PATH: '' } });
      const code = runCli(['init', '--host', 'cursor'], screen.io);
      while (!stripVTControlCharacters(screen.stderr()).includes('Write this?')) await once(screen.io.stderr, 'data');
      screen.type(key);
      assert.equal(await code, 0);
      assert.equal(snapshot()['project/.cursor/mcp.json'] !== undefined, written);
      if (!written) assert.deepEqual(snapshot(), start);
    }));
}

const json = fc.letrec((tie) => ({
  object: fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.boolean(), fc.array(tie('value')), tie('object')),
}));

test('any object in any plain layout: written, then taken back; and taken back after another hand changed it', () =>
  fc.assert(
    fc.asyncProperty(
      json.object,
      fc.constantFrom('', ' ', '  ', '    ', '\t'),
      fc.constantFrom('\n', '\r\n'),
      async (object, unit, eol) => {
        const value = { ...(object as object), mcpServers: object };
        const text = JSON.stringify(value, null, unit).replaceAll('\n', eol) + eol;
        await withWorld({ 'project/.mcp.json': text }, async ({ init, remove, read, put, snapshot }) => {
          const start = snapshot();
          await init({ hosts: ['claude-code'], skill: false });
          const after = JSON.parse(read('project/.mcp.json')) as Record<string, object>;
          const { async_worker_manager: ours, ...servers } = after['mcpServers'] as Record<string, unknown>;
          assert.ok(ours);
          assert.deepEqual({ ...after, mcpServers: servers }, JSON.parse(text));
          const changed = `${read('project/.mcp.json')} `;
          await remove();
          assert.deepEqual(snapshot(), start);
          await init({ hosts: ['claude-code'], skill: false });
          put({ 'project/.mcp.json': changed });
          await remove();
          assert.deepEqual(JSON.parse(read('project/.mcp.json')), JSON.parse(text));
        });
      },
    ),
    { numRuns: 40 },
  ));
