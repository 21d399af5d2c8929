// Workers of workers on the compiled binary: killed with a child at work, the parent goes on with it; one slot is enough.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { host } from '../binary/host.ts';
import { toolUse, type Turn } from '../fakes/messages-api.ts';
import type { RpcProcess } from '../fakes/rpc-process.ts';

type Answer = { readonly [key: string]: any };

const call = async (server: RpcProcess, name: string, input: Record<string, unknown>): Promise<Answer> =>
  (await server.call(name, input))['structuredContent'] as Answer;

test('killed while a child works: the parent learns which child it was, and goes on with it', async (t) => {
  const { start, folder } = await host(t, {
    script: ({ conversation, toolResults, replies }: Turn) => {
      if (conversation.endsWith('part')) {
        return replies === 0 ? toolUse('Bash', { command: 'touch began; sleep 600' }) : 'part is done.';
      }
      const [told] = toolResults;
      if (replies === 0) return toolUse('Task', { description: 'part', prompt: 'part' });
      const id = /with resume "([\w-]+)"/.exec(told?.text ?? '')?.[1];
      return id === undefined
        ? `Heard: ${told?.text}`
        : toolUse('Task', { description: 'part', prompt: 'Go on.', resume: id });
    },
  });
  const flags = ['--allow', 'Task', '--allow', 'Bash'];
  const first = await start(flags, { AWORKERS_MAX_CONCURRENCY: '1' });
  const { worker_id } = await call(first, 'spawn_worker', { description: 'top', prompt: 'top' });
  while (!existsSync(join(folder, 'began'))) await new Promise(setImmediate);
  await first.kill();

  const second = await start(flags, { AWORKERS_MAX_CONCURRENCY: '1' });
  const { workers } = await call(second, 'list_workers', {});
  const child = (workers as Answer[]).find((worker) => worker['parent_id'] === worker_id);
  assert.deepEqual(
    (workers as Answer[]).map((worker) => worker['status']),
    ['interrupted', 'interrupted'],
  );
  await call(second, 'resume_worker', { worker_id, prompt: 'Go on.' });
  const { completed, failed } = await call(second, 'wait', { include_results: true });
  assert.deepEqual([completed.length, failed], [1, []]);
  assert.match(
    completed[0].result,
    new RegExp(`Heard: \\[worker ${child?.['worker_id']}, completed, log: .*part is done`, 's'),
  );
});
