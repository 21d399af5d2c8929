// `aworkers init` of the compiled binary in a home and a project of its own: dry run, yes, again, and back; and a host that
// starts what was written finds the server.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { parse as parseToml } from 'smol-toml';
import { RpcProcess } from '../fakes/rpc-process.ts';
import { binary } from './host.ts';

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Shell = {
  readonly home: string;
  readonly project: string;
  readonly run: (...argv: string[]) => Ran;
  readonly tree: () => object;
};

async function withShell(
  files: Readonly<Record<string, string>>,
  body: (shell: Shell) => Promise<void> | void,
): Promise<void> {
  assert.ok(existsSync(binary), `${binary} is missing. Build it: node scripts/build.mjs`);
  const root = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-init-')));
  const [home, project] = [join(root, 'home'), join(root, 'project')];
  for (const folder of ['home/.codex', 'home/.gemini', 'project/.vscode', 'project/.cursor']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const env = { PATH: join(root, 'bin'), HOME: home, USERPROFILE: home, ANTHROPIC_API_KEY: 'sk-ant-secret' };
  const run = (...argv: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(binary, argv, { cwd: project, env, input: '', encoding: 'utf8' });
    return { code: status, stdout, stderr };
  };
  try {
    await body({ home, project, run, tree: () => treeOf(root) });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function treeOf(folder: string): object {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((name) => {
        const path = join(folder, name);
        return [name, statSync(path).isDirectory() ? treeOf(path) : readFileSync(path).toString('latin1')];
      }),
  );
}

const files = {
  'home/.codex/config.toml': 'model = "gpt-5" # mine\r\n',
  'home/.gemini/settings.json': '\ufeff{\r\n\t// mine\r\n\t"theme": "x",\r\n}\r\n',
  'project/.mcp.json': '{"mcpServers":{"other":{"command":"x","env":{"API_TOKEN":"hidden-from-logs"}}}}',
  'project/opencode.jsonc': '{\n    "mcp": {}, // mine\n}',
  'project/.cursor/mcp.json': '',
};

test('dry run, no answer, yes, again, --remove', () =>
  withShell(files, ({ run, tree }) => {
    const start = tree();
    const dry = run('init', '--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    for (const name of [
      '~/.codex/config.toml',
      '~/.gemini/settings.json',
      '.mcp.json',
      'opencode.jsonc',
      '.vscode/mcp.json',
      '.cursor/mcp.json',
      '.claude/skills/async-workers/SKILL.md',
    ]) {
      assert.ok(dry.stdout.includes(`+++ ${name}`), `${name}\n${dry.stdout}`);
    }
    assert.ok(!/hidden-from-logs|sk-ant-secret/.test(dry.stdout + dry.stderr), dry.stdout);
    assert.deepEqual(tree(), start);

    const silent = run('init');
    assert.deepEqual({ code: silent.code, tree: tree() }, { code: 2, tree: start });
    assert.match(silent.stderr, /nobody is here to say yes.*--yes/);

    const yes = run('init', '--yes', '--replace-task', '--human-approval');
    assert.equal(yes.code, 0, yes.stderr);
    assert.match(yes.stdout, /Undo: aworkers init --remove\. The Task tool comes back/);
    const written = tree();
    assert.ok(!JSON.stringify(written).includes('sk-ant-secret'));
    const again = run('init', '--yes', '--replace-task', '--human-approval');
    assert.deepEqual({ code: again.code, tree: tree() }, { code: 0, tree: written }, again.stderr);
    assert.match(again.stdout, /^Everything is in place\.$/m);

    const removed = run('init', '--remove', '--yes');
    assert.deepEqual({ code: removed.code, tree: tree() }, { code: 0, tree: start }, removed.stderr);
    assert.match(run('init', '--remove', '--yes').stdout, /nothing to take back/);
  }));

test('a malformed file of one host: line and column, exit code 2, nothing written for any', () =>
  withShell({ ...files, 'home/.gemini/settings.json': '{\n  "a": [1,\n' }, ({ run, tree }) => {
    const start = tree();
    const { code, stderr } = run('init', '--yes');
    assert.deepEqual({ code, tree: tree() }, { code: 2, tree: start });
    assert.match(stderr, /~\/\.gemini\/settings\.json:\d+:\d+ is not valid JSON.*Nothing was written/);
  }));

const wrong: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
  [['--host', 'codx'], /There is no host "codx"; did you mean.*codex|There is no host "codx"/],
  [['--remove', '--replace-task'], /does not go with --replace-task/],
  [['--skill', '--server-only'], /exclude each other/],
];
for (const [argv, says] of wrong) {
  test(`bad usage: init ${argv.join(' ')}`, () =>
    withShell({}, ({ run }) => {
      const { code, stderr } = run('init', ...argv);
      assert.equal(code, 2);
      assert.match(stderr, says);
    }));
}

test('what is written starts the server: by the absolute path, and by name from PATH', () =>
  withShell({}, async ({ home, project, run }) => {
    assert.equal(run('init', '--yes', '--host', 'claude-code', '--host', 'codex', '--trust-project').code, 0);
    type Entry = { command: string; args: string[]; env?: Record<string, string> };
    const claude = (
      JSON.parse(readFileSync(join(project, '.mcp.json'), 'utf8')) as { mcpServers: Record<string, Entry> }
    ).mcpServers['async_worker_manager']!;
    const codex = (
      parseToml(readFileSync(join(home, '.codex/config.toml'), 'utf8'))['mcp_servers'] as Record<string, Entry>
    )['async_worker_manager']!;
    assert.deepEqual([claude.command, codex.command], [binary, binary]);
    for (const { command, args, env = {} } of [claude, codex]) {
      const server = new RpcProcess(command, args, { cwd: project, env: { PATH: '', HOME: home, ...env } });
      try {
        await server.initialize();
      } finally {
        await server.kill();
      }
    }
    assert.equal(run('init', '--remove', '--yes').code, 0);
    mkdirSync(join(home, '../bin'));
    const named = join(home, '../bin', process.platform === 'win32' ? 'aworkers.exe' : 'aworkers');
    // By a process of its own: what a test beside this one starts meanwhile could hold our open copy, and nobody could run it.
    if (process.platform === 'win32') copyFileSync(binary, named);
    else execFileSync('cp', [binary, named]);
    const { status } = spawnSync(named, ['init', '--yes', '--host', 'claude-code'], {
      cwd: project,
      env: { PATH: join(home, '../bin'), HOME: home },
      input: '',
    });
    assert.equal(status, 0);
    assert.match(readFileSync(join(project, '.mcp.json'), 'utf8'), /"command": "aworkers"/);
  }));
