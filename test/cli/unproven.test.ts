// `aworkers resume` and `run -f` on journals that nothing proves: planted, or from before journals were sealed.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { toolUse } from '../fakes/messages-api.ts';
import { withWorld, type World } from './world.ts';

const write = (file_path: string) => toolUse('Write', { file_path, content: 'x' });

/** Leaves the journal as it was before there were seals, or as a stranger writes it; `events` of it, from the start. */
async function unseal({ cwd, workers }: World, events?: number): Promise<string> {
  const [id = ''] = await workers();
  const path = join(cwd, 'logs', `worker-${id}.jsonl`);
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  const bare = lines.slice(0, events).map((line) => `${line.replace(/,"seal":"[^"]*"\}$/, '}')}\n`);
  await writeFile(path, bare.join(''));
  return id;
}

test('a resume keeps the mode that was given; not that of a journal which proves nothing, until it is given anew', () =>
  withWorld({ script: ['a', 'b', 'c', 'd'].flatMap((name) => [write(name), 'done']) }, async (world) => {
    const { run, cwd } = world;
    assert.equal((await run(['run', 'Work', '--permission-mode', 'acceptEdits'])).code, 0);
    const [id = ''] = await world.workers();
    const kept = await run(['resume', id, 'More']);
    assert.deepEqual([kept.code, kept.stderr.includes('Nothing proves')], [0, false]);
    await unseal(world);
    const lost = await run(['resume', id, 'More']);
    assert.equal(lost.code, 3);
    assert.match(lost.stderr, /permission_mode.*Nothing proves that your aworkers wrote its journal/s);
    const anew = await run(['resume', id, 'More', '--permission-mode', 'acceptEdits']);
    assert.deepEqual([anew.code, anew.stderr.includes('Nothing proves')], [0, false]);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((name) => existsSync(join(cwd, name))),
      [true, true, false, true],
    );
  }));

test('a batch goes on with an interrupted worker whose journal proves nothing, under what its task grants today', () =>
  withWorld({ script: [write('a'), 'done', write('b'), 'done'] }, async (world) => {
    const { run, cwd } = world;
    await writeFile(join(cwd, 't.yaml'), '- prompt: Work\n  options: {permission_mode: acceptEdits}\n');
    const batch = ['run', '-f', 't.yaml', '--out', 'out.jsonl'];
    assert.equal((await run(batch)).code, 0);
    await writeFile(join(cwd, 'out.jsonl'), '');
    await unseal(world, 2); // spawned, started: then its process was gone
    const { code, stderr } = await run(batch);
    assert.deepEqual([code, stderr.includes('Nothing proves')], [0, true], stderr);
    assert.equal(existsSync(join(cwd, 'b')), true);
    assert.equal((await world.workers()).length, 1);
  }));
