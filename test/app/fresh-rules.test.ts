// A worker starts under the rules of that moment: what a settings file says then holds, however little of it changed.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openApp } from '../../src/app.ts';
import { nthRequest, reply, toolUse, type Turn } from '../fakes/messages-api.ts';
import { faultWorld } from '../faults/world.ts';

type Changes = {
  readonly before?: (folder: string) => Promise<void>;
  readonly meanwhile: (folder: string) => Promise<void>;
};

/** Of two workers with the same call the second waits for the first's slot: what is denied meanwhile is denied to it alone. */
async function deniedInTheQueue(t: TestContext, { before, meanwhile }: Changes): Promise<void> {
  const written = Promise.withResolvers<void>();
  const script = async ({ conversation, replies }: Turn) => {
    if (replies > 0) return 'Done.';
    if (conversation.endsWith('first')) await written.promise;
    return reply([toolUse('Bash', { command: 'echo b' })]);
  };
  const { api, manager, spawn, folder } = await faultWorld(t, { script }, { maxConcurrency: 1 });
  await before?.(folder);
  await spawn('first');
  await spawn('second');
  await nthRequest(api, 1);
  await meanwhile(folder);
  written.resolve();
  const { completed } = await manager.wait({});
  assert.deepEqual(
    completed.map(({ description, permission_denials }) => [description, permission_denials]),
    [
      ['first', 0],
      ['second', 1],
    ],
  );
}

test('a deny rule holds also where there was no .claude when its worker was spawned', (t) =>
  deniedInTheQueue(t, {
    meanwhile: async (folder) => {
      await mkdir(join(folder, '.claude'));
      await writeFile(join(folder, '.claude', 'settings.local.json'), '{"permissions":{"deny":["Bash(echo b)"]}}');
    },
  }));

test('a start directory that is a link is inside wherever it leads when the rules are made', async (t) => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'aworkers-fresh-')));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  for (const name of ['one', 'two', 'home']) mkdirSync(join(base, name));
  const cwd = join(base, 'link');
  symlinkSync('one', cwd);
  const app = await openApp({
    cwd,
    home: join(base, 'home'),
    env: {},
    sandbox: 'off',
    approver: 'nobody',
    grants: { allow: [], deny: [], trustProject: false, trustCaller: true },
  });
  const read = (path: string) => app.explain({ tool: 'Read', input: { file_path: path } }).then((v) => v.decision);
  const all = async () => Promise.all(['a', join(cwd, 'a'), join(base, 'one', 'a'), join(base, 'two', 'a')].map(read));
  assert.deepEqual(await all(), ['allow', 'allow', 'allow', 'ask']);
  rmSync(cwd);
  symlinkSync('two', cwd);
  assert.deepEqual(await all(), ['allow', 'allow', 'ask', 'allow']);
  await app.close('done');
});

test('a deny rule written while a worker is queued holds for it, also in the place of one as long', (t) => {
  const deny = (folder: string, rule: string) =>
    writeFile(join(folder, '.claude', 'settings.json'), JSON.stringify({ permissions: { deny: [rule] } }));
  return deniedInTheQueue(t, {
    before: async (folder) => {
      await mkdir(join(folder, '.claude'));
      await deny(folder, 'Bash(echo a)');
    },
    meanwhile: (folder) => deny(folder, 'Bash(echo b)'),
  });
});
