// A folder, a home, a scripted Messages API and the real app: what a command of the CLI meets, without a process of its own.
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../src/app.ts';
import { runCli } from '../../src/cli/root.ts';
import { type ScriptedApi, type ScriptedApiOptions, startScriptedApi } from '../fakes/messages-api.ts';
import { cli, type Given, type Ran, testIo, type TestIo } from './cli-io.ts';

export type World = {
  readonly cwd: string;
  readonly api: ScriptedApi;
  readonly run: (argv: readonly string[], given?: Given) => Promise<Ran>;
  /** Starts a command and hands over its terminal. */
  readonly start: (argv: readonly string[], given?: Given) => TestIo & { readonly code: Promise<number> };
  readonly workers: () => Promise<readonly string[]>;
};

export async function withWorld(options: ScriptedApiOptions, body: (world: World) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-cli-')));
  await mkdir(join(folder, 'home'));
  const api = await startScriptedApi(options);
  const defaults: Given = {
    cwd: folder,
    home: join(folder, 'home'),
    stdin: '',
    env: { PATH: process.env['PATH'] ?? '' },
    openApp: (config) => openApp({ ...config, baseUrl: api.url, apiKey: 'test-key' }),
  };
  try {
    await body({
      cwd: folder,
      api,
      run: (argv, given = {}) => cli(argv, { ...defaults, ...given }),
      start: (argv, given = {}) => {
        const test = testIo({ ...defaults, ...given });
        return { ...test, code: runCli(argv, test.io) };
      },
      workers: async () => {
        const names = await readdir(join(folder, 'logs')).catch(() => []);
        return names.flatMap((name) => /^worker-(.*)\.jsonl$/.exec(name)?.[1] ?? []);
      },
    });
    api.assertFinished();
  } finally {
    await api.close();
    await rm(folder, { recursive: true });
  }
}
