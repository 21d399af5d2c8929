// The demo's story holds: real tools find, fix and prove the bug, the strict API accepts every request, and failures are admitted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { runDemo } from '../../src/demo/run-demo.ts';
import { sampleProject, testCommand } from '../../src/demo/sample-project.ts';
import { openTinyManager } from './tiny-manager.ts';

async function demo(deny: boolean): Promise<{ code: number; said: string; folder: string; end: () => void }> {
  const tempDir = mkdtempSync(join(tmpdir(), 'demo-test-'));
  const lines: string[] = [];
  const code = await runDemo({
    openManager: (options) => openTinyManager(options, deny),
    print: (line) => lines.push(line),
    tempDir,
  });
  const folder = join(tempDir, readdirSync(tempDir)[0]!);
  return { code, said: lines.join('\n'), folder, end: () => rmSync(tempDir, { recursive: true }) };
}

test('the demo tells what happens, and it happens', async () => {
  const { code, said, folder, end } = await demo(false);
  assert.equal(code, 0, said);
  const inOrder = [
    /is scripted: a Messages API on http:\/\/127\.0\.0\.1:\d+ inside this process\.\nNothing leaves this machine/,
    /1\. Three workers start at once\./,
    /run the tests asks: Bash sh test\/run\.sh\n/,
    /the demo answers in your place: allowed, and Bash\(sh test\/run\.sh\) from now on for this worker/,
    /run the tests: 5 of 6 checks pass\. Failing: shipping at 50\.00: expected 0, got 490\./,
    /fix the shipping rule asks: Edit lib\/cart\.sh\n +- if \[ "\$1" -gt 5000 \]\n +\+ if \[ "\$1" -ge 5000 \]/,
    /the demo answers in your place: allowed, once/,
    /find the shipping rule: The code says `if \[ "\$1" -gt 5000 \]`; the README says "shipping: 4\.90, free from 50\.00 on"\. At exactly 50\.00 they disagree/,
    /4\. The worker that ran the tests is resumed/,
    /run the tests: 6 of 6 checks pass\. None fails\. \(4 turns/,
    /Logs: \S+\n {2}tail -20 \S+\/worker-worker-0\.json/,
  ];
  let rest = said;
  for (const pattern of inOrder) {
    const found = pattern.exec(rest);
    assert.ok(found, `${pattern} not found, in order, in:\n${said}`);
    rest = rest.slice(found.index);
  }
  assert.match(readFileSync(join(folder, 'project/lib/cart.sh'), 'utf8'), /-ge 5000/);
  assert.deepEqual(said.match(/asks: Bash/g)?.length, 1);
  end();
});

test('when tools are denied the demo says so and ends with 1', async () => {
  const { code, said, folder, end } = await demo(true);
  assert.equal(code, 1);
  assert.match(said, /The tests did not run: Denied\./);
  assert.match(said, /The change was not made: Denied\./);
  assert.match(said, /Went wrong: lib\/cart\.sh was not fixed\.\nWent wrong: The tests still fail\./);
  assert.match(readFileSync(join(folder, 'project/lib/cart.sh'), 'utf8'), /-gt 5000/);
  end();
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
