// The real app in this process against the scripted Messages API: real journal, gate and tools, in a folder of its own.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { openApp } from '../../src/app.ts';
import type { AppConfig } from '../../src/app-config.ts';
import type { EventOf, WorkerEvent } from '../../src/contract/event.ts';
import type { WorkerManager } from '../../src/contract/manager.ts';
import type { WorkerOptions } from '../../src/contract/options.ts';
import type { WaitResult } from '../../src/contract/worker.ts';
import { type ScriptedApi, type ScriptedApiOptions, startScriptedApi } from '../fakes/messages-api.ts';

export type FaultWorld = {
  readonly api: ScriptedApi;
  readonly manager: WorkerManager;
  readonly folder: string;
  readonly events: readonly WorkerEvent[];
  readonly spawn: (prompt: string, options?: WorkerOptions) => Promise<string>;
  /** One worker from spawn to end. */
  readonly run: (prompt: string, options?: WorkerOptions) => Promise<WaitResult>;
  /** The events of that type so far. */
  readonly of: <K extends WorkerEvent['type']>(type: K) => readonly EventOf<K>[];
};

type Given = Partial<AppConfig> & { readonly models?: unknown };

export async function faultWorld(t: TestContext, options: ScriptedApiOptions, given: Given = {}): Promise<FaultWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-faults-')));
  const api = await startScriptedApi(options);
  const { models, ...config } = given;
  const modelsFile = join(folder, 'home', 'models.json');
  await mkdir(join(folder, 'home'));
  if (models !== undefined) await writeFile(modelsFile, JSON.stringify(models));
  const { manager, close } = await openApp({
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: folder,
    home: join(folder, 'home'),
    baseUrl: api.url,
    apiKey: 'test-key',
    grants: { allow: ['Bash', 'Read', 'Write'], deny: [], trustProject: false, trustCaller: true },
    approver: 'host',
    sandbox: 'off',
    ...(models === undefined ? {} : { modelsFile }),
    ...config,
  });
  t.after(async () => {
    await close('the test is over');
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });
  const events: WorkerEvent[] = [];
  manager.subscribe((event) => events.push(event));
  const spawn = async (prompt: string, workerOptions: WorkerOptions = {}): Promise<string> => {
    const { worker_id } = await manager.spawn({ description: prompt, prompt, options: workerOptions });
    return worker_id;
  };
  return {
    api,
    manager,
    folder,
    events,
    spawn,
    run: async (prompt, workerOptions) => {
      const id = await spawn(prompt, workerOptions);
      return manager.wait({ worker_ids: [id], include_results: true });
    },
    of: (type) => events.filter((event) => event.type === type) as never,
  };
}
