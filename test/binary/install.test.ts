// The install script and the GitHub Action as their shells run them: a release served on loopback, its hashes right and wrong,
// the executable against the strict scripted API.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { reply } from '../fakes/messages-api.ts';
import { binary } from './host.ts';
import { ended, type Ended, withShell } from './shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts', 'install.sh');
const canDownload = ['curl', 'wget'].some((name) => spawnSync(name, ['--version']).status === 0);
const posix = { skip: (process.platform === 'win32' || !canDownload) && 'needs a POSIX shell, and curl or wget' };

type Release = {
  readonly url: string;
  readonly folder: string;
  readonly sha256: string;
  readonly install: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
};

/** The files of a release with one package, `program` in it, served like a download page. */
async function release(t: TestContext, pack: (folder: string) => void): Promise<Release> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aworkers-release-')));
  mkdirSync(join(folder, 'package'));
  pack(join(folder, 'package'));
  const name = 'aworkers-linux-x64-1.2.3.tgz';
  const packed = spawnSync('tar', ['-czf', name, 'package'], { cwd: folder, env: { ...process.env, GZIP: '-1' } });
  assert.equal(packed.status, 0, packed.stderr.toString());
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, name)))
    .digest('hex');
  writeFileSync(join(folder, 'SHA256SUMS'), `${'0'.repeat(64)}  aworkers-1.2.3.tgz\n${sha256}  ${name}\n`);
  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? '');
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const install: Release['install'] = (args, env = {}) => {
    const clean = { PATH: process.env['PATH'] ?? '', HOME: folder, AWORKERS_BASE_URL: url, ...env };
    return ended(spawn('sh', [script, ...args], { cwd: folder, env: clean, stdio: ['ignore', 'pipe', 'pipe'] }));
  };
  return { url, folder, sha256, install };
}

const says = (word: string) => (folder: string) => {
  writeFileSync(join(folder, 'aworkers'), `#!/bin/sh\necho ${word}\n`, { mode: 0o755 });
};

test('the install script puts the executable where it is told, and says what it put there', posix, async (t) => {
  const { folder, sha256, install } = await release(t, says('new'));
  const bin = join(folder, 'bin');
  const { code, stdout, stderr } = await install(['--target', 'linux-x64', '--bin-dir', bin, '--sha256', sha256]);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    new RegExp(`^Installed ${bin}/aworkers \\(aworkers-linux-x64-1\\.2\\.3\\.tgz, sha256 ${sha256}\\)`),
  );
  assert.equal(spawnSync(join(bin, 'aworkers'), { encoding: 'utf8' }).stdout, 'new\n');
});

const refusals: readonly (readonly [
  what: string,
  spoil: (release: Release) => void,
  args: readonly string[],
  RegExp,
])[] = [
  ['a package that was changed', tamper, [], /has the hash [0-9a-f]{64}, SHA256SUMS says [0-9a-f]{64}\. Nothing was/],
  ['another hash than the one given', nothing, ['--sha256', '00'], /you gave 00\. Nothing was installed/],
  ['no package for the platform', nothing, ['--target', 'beos-x64'], /names no package for beos-x64/],
  ['no list of hashes', ({ folder }) => rmSync(join(folder, 'SHA256SUMS')), [], /Could not get .*SHA256SUMS/],
  [
    'a package that is not there',
    ({ folder }) => rmSync(join(folder, 'aworkers-linux-x64-1.2.3.tgz')),
    [],
    /Could not get/,
  ],
  ['an unknown option', nothing, ['--force', 'yes'], /Unknown option --force/],
];

for (const [what, spoil, args, words] of refusals) {
  test(`the install script refuses: ${what}; what was installed stays`, posix, async (t) => {
    const made = await release(t, says('new'));
    mkdirSync(join(made.folder, 'bin'));
    says('old')(join(made.folder, 'bin'));
    spoil(made);
    const { code, stderr } = await made.install([
      '--target',
      'linux-x64',
      '--bin-dir',
      join(made.folder, 'bin'),
      ...args,
    ]);
    assert.equal(code, 1);
    assert.match(stderr, words);
    assert.equal(spawnSync(join(made.folder, 'bin', 'aworkers'), { encoding: 'utf8' }).stdout, 'old\n');
  });
}

test('the install script without a source asks for one', posix, async (t) => {
  const { install } = await release(t, says('new'));
  const { code, stderr } = await install(['--target', 'linux-x64'], { AWORKERS_BASE_URL: '' });
  assert.equal(code, 1);
  assert.match(stderr, /--repository OWNER\/NAME, or --base-url URL/);
});

test('the GitHub Action installs a release and runs a batch; its inputs are never read as shell', posix, async (t) => {
  const made = await release(t, (folder) => cpSync(binary, join(folder, 'aworkers')));
  const path = join(root, '.github', 'actions', 'aworkers');
  const { runs } = parse(readFileSync(join(path, 'action.yml'), 'utf8')) as {
    runs: { steps: { run: string; shell: string }[] };
  };
  assert.ok(
    runs.steps.every(({ run }) => !run.includes('${{')),
    'inputs travel as environment',
  );
  await withShell(
    { script: ({ prompt }) => reply(prompt.includes('$(') ? 'literal' : 'plain') },
    async ({ api, folder }) => {
      const bin = join(made.folder, 'bin');
      const [GITHUB_PATH, GITHUB_OUTPUT] = [join(folder, 'path'), join(folder, 'output')];
      const given = {
        TASKS: 'tasks.csv',
        PROMPT: '$(touch pwned) {{what}}',
        ARGS: '--concurrency\n2\n',
        RESULTS: 'out.jsonl',
      };
      const env = {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        ACTION: path,
        SHA256: made.sha256,
        AWORKERS_BASE_URL: made.url,
        AWORKERS_BIN_DIR: bin,
        GITHUB_PATH,
        GITHUB_OUTPUT,
        ANTHROPIC_BASE_URL: api.url,
        ANTHROPIC_API_KEY: 'test-key',
        JUNIT: 'junit.xml',
        MAX_COST: '1',
        ...given,
      };
      writeFileSync(join(folder, 'tasks.csv'), 'what\none\ntwo\n');
      for (const { run, shell } of runs.steps) {
        const line = run.replace('scripts/install.sh"', 'scripts/install.sh" --target linux-x64');
        const how = shell === 'bash' ? ['-eo', 'pipefail', '-c', line] : ['-e', '-c', line];
        const { code, stderr } = await ended(
          spawn(shell, how, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }),
        );
        assert.equal(code, 0, stderr);
      }
      assert.equal(readFileSync(GITHUB_PATH, 'utf8'), `${bin}\n`);
      assert.equal(readFileSync(GITHUB_OUTPUT, 'utf8'), 'results=out.jsonl\n');
      const lines = readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n');
      assert.equal(lines.filter((line) => line.includes('literal')).length, 2);
      assert.deepEqual([existsSync(join(folder, 'junit.xml')), existsSync(join(folder, 'pwned'))], [true, false]);
    },
  );
});

function tamper({ folder }: Release): void {
  writeFileSync(join(folder, 'aworkers-linux-x64-1.2.3.tgz'), 'x', { flag: 'a' });
}

function nothing(): void {}
