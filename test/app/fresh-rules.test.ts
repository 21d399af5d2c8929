// A worker starts under the rules of that moment: what a settings file says then holds, however little of it changed.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { nthRequest, reply, toolUse, type Turn } from '../fakes/messages-api.ts';
import { faultWorld } from '../faults/world.ts';

test('a deny rule written while a worker is queued holds for it, also in the place of one as long', async (t) => {
  const written = Promise.withResolvers<void>();
  const script = async ({ conversation, replies }: Turn) => {
    if (replies > 0) return 'Done.';
    if (conversation.endsWith('first')) await written.promise;
    return reply([toolUse('Bash', { command: 'echo b' })]);
  };
  const { api, manager, spawn, folder } = await faultWorld(t, { script }, { maxConcurrency: 1 });
  const deny = (rule: string) =>
    writeFile(join(folder, '.claude', 'settings.json'), JSON.stringify({ permissions: { deny: [rule] } }));
  await mkdir(join(folder, '.claude'));
  await deny('Bash(echo a)');
  await spawn('first');
  await spawn('second');
  await nthRequest(api, 1);
  await deny('Bash(echo b)');
  written.resolve();
  const { completed } = await manager.wait({});
  assert.deepEqual(
    completed.map(({ description, permission_denials }) => [description, permission_denials]),
    [
      ['first', 0],
      ['second', 1],
    ],
  );
});
