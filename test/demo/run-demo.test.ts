// The demo's story holds: real tools find, fix and prove the bug, the strict API accepts every request, and failures are admitted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { openApp } from '../../src/app.ts';
import type { App } from '../../src/app-config.ts';
import { runDemo } from '../../src/demo/run-demo.ts';
import { sampleProject, testCommand } from '../../src/demo/sample-project.ts';
import { withShell } from '../binary/shell.ts';

/** The folder that the demo made and left, project and logs in it. */
const madeIn = (tempDir: string): string => join(tempDir, readdirSync(tempDir)[0]!);

test('the demo tells what happens, and it happens, also behind a proxy (binary)', () =>
  withShell({}, async ({ run, folder: tempDir }) => {
    const proxy = 'http://127.0.0.1:9';
    const {
      code,
      stdout: said,
      stderr,
    } = await run(['demo'], { env: { TMPDIR: tempDir, HTTP_PROXY: proxy, http_proxy: proxy } });
    assert.equal(code, 0, said + stderr);
    const inOrder = [
      /is scripted: a Messages API on http:\/\/127\.0\.0\.1:\d+ inside this process\.\nNothing leaves this machine/,
      /1\. Three workers start at once\./,
      /run the tests asks: Bash sh test\/run\.sh\n/,
      /the demo answers in your place: allowed, once/,
      /run the tests: 5 of 6 checks pass\. Failing: shipping at 50\.00: expected 0, got 490\./,
      /fix the shipping rule asks: Edit lib\/cart\.sh\n +- if \[ "\$1" -gt 5000 \]\n +\+ if \[ "\$1" -ge 5000 \]/,
      /the demo answers in your place: allowed, once/,
      /find the shipping rule: The code says `if \[ "\$1" -g[et] 5000 \]`; the README says "shipping: 4\.90, free from 50\.00 on"\. (At exactly 50\.00 they disagree|They agree)/,
      /4\. The worker that ran the tests is resumed/,
      /run the tests asks: Bash sh test\/run\.sh\n/,
      /run the tests: 6 of 6 checks pass\. None fails\. \(4 turns/,
      /Logs: .+\n {2}tail -20 .+\/worker-[\w-]{36}\.json/,
    ];
    let rest = said;
    for (const pattern of inOrder) {
      const found = pattern.exec(rest);
      assert.ok(found, `${pattern} not found, in order, in:\n${said}`);
      rest = rest.slice(found.index);
    }
    assert.match(readFileSync(join(madeIn(tempDir), 'project/lib/cart.sh'), 'utf8'), /-ge 5000/);
    assert.deepEqual(said.match(/asks: Bash/g)?.length, 2);
  }));

test('when tools are denied the demo says so and ends with 1', async () => {
  const tempDir = mkdtempSync(join(tmpdir(), 'demo-test-'));
  const lines: string[] = [];
  const apps: App[] = [];
  const code = await runDemo({
    openManager: async (options) => {
      const app = await openApp({
        env: { PATH: process.env['PATH'] ?? '' },
        home: dirname(options.cwd),
        grants: { allow: [], deny: ['Bash(sh:*)', 'Edit(./lib/**)'], trustProject: false, trustCaller: false },
        approver: 'host',
        sandbox: 'off',
        ...options,
      });
      apps.push(app);
      return app.manager;
    },
    print: (line) => lines.push(line),
    tempDir,
  });
  for (const app of apps) await app.close('the test is over');
  const said = lines.join('\n');
  assert.equal(code, 1, said);
  assert.match(said, /The tests did not run: Permission to use Bash was denied\./);
  assert.match(said, /The change was not made: Permission to use Edit was denied\./);
  assert.match(said, /Went wrong: lib\/cart\.sh was not fixed\.\nWent wrong: The tests still fail\./);
  assert.match(readFileSync(join(madeIn(tempDir), 'project/lib/cart.sh'), 'utf8'), /-gt 5000/);
  rmSync(tempDir, { recursive: true });
});

test('the sample has exactly one failing check, needs nothing but /bin/sh, and the fix passes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-sample-'));
  for (const [path, content] of Object.entries(sampleProject)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const run = (): { status: number | null; failing: readonly string[] } => {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', testCommand], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    return { status, failing: stdout.match(/^FAIL.*$/gm) ?? [] };
  };
  assert.deepEqual(run(), { status: 1, failing: ['FAIL  shipping at 50.00: expected 0, got 490'] });
  const cart = join(folder, 'lib/cart.sh');
  writeFileSync(cart, readFileSync(cart, 'utf8').replace('-gt 5000', '-ge 5000'));
  assert.deepEqual(run(), { status: 0, failing: [] });
  rmSync(folder, { recursive: true });
});
