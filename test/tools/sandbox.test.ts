import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { openSandbox, sandboxStatus } from '../../src/tools/index.ts';
import { open, ripgrep, temp } from './open.ts';

const status = await sandboxStatus(ripgrep);

test('what the sandbox lacks is said, and fatal only when it is required', async (t) => {
  const home = temp(t);
  assert.equal(status.available, status.missing.length === 0);
  assert.deepEqual(await openSandbox({ mode: 'off', home }), { sandbox: undefined, missing: [] });
  if (status.available) return;
  assert.deepEqual(await openSandbox({ mode: 'auto', home, ripgrep }), { sandbox: undefined, missing: status.missing });
  await assert.rejects(openSandbox({ mode: 'required', home, ripgrep }), /The sandbox is required but not available: /);
});

test(
  'a command in the sandbox writes only where it may, reads no credentials and has no network',
  { skip: !status.available && `no sandbox here: ${status.missing.join('; ')}` },
  async (t) => {
    const home = temp(t);
    const outside = temp(t);
    mkdirSync(`${home}/.ssh`);
    writeFileSync(`${home}/.ssh/id`, 'secret');
    const { sandbox } = await openSandbox({ mode: 'required', home, ripgrep });
    assert.ok(sandbox !== undefined);
    t.after(() => sandbox.close());
    const { run, cwd, path } = open(t, { sandbox });
    mkdirSync(path('.git/hooks'), { recursive: true });
    assert.equal(await run('Bash', { command: `echo in > inside && cat inside && pwd` }), `in\n${cwd}`);
    assert.match(
      await run('Bash', { command: `echo out > ${outside}/x` }),
      /^error: .*(Read-only|Permission denied|Operation not permitted)/s,
    );
    assert.equal(existsSync(`${outside}/x`), false);
    assert.doesNotMatch(await run('Bash', { command: `cat ${home}/.ssh/id` }), /secret/);
    assert.match(await run('Bash', { command: 'echo evil > .git/hooks/pre-commit' }), /^error: /);
    assert.match(await run('Bash', { command: 'exec 3<>/dev/tcp/1.1.1.1/80' }), /^error: /);
    assert.equal(await run('Bash', { command: 'echo "$(echo \'quoted $x\')"; exit 0' }), 'quoted $x');
    const started = Date.now();
    assert.match(
      await run('Bash', { command: 'setsid sleep 1000 > /dev/null 2>&1 & echo left', timeout: 20_000 }),
      /^left/,
    );
    assert.ok(Date.now() - started < 20_000);
  },
);
