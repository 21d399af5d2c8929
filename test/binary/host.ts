// A host for the compiled binary: an empty project, an empty home, a scripted Messages API, nothing else in the environment.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ScriptedApi, type ScriptedApiOptions, startScriptedApi } from '../fakes/messages-api.ts';
import { RpcProcess } from '../fakes/rpc-process.ts';

export const binary = fileURLToPath(
  new URL(`../../dist/aworkers${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
);

export type Host = {
  readonly api: ScriptedApi;
  readonly folder: string;
  /** A server in the folder, initialised. Ended by the test's end at the latest. */
  readonly start: (args?: readonly string[], env?: Record<string, string>) => Promise<RpcProcess>;
};

export async function host(t: TestContext, options: ScriptedApiOptions): Promise<Host> {
  assert.ok(existsSync(binary), `${binary} is missing. Build it: node scripts/build.mjs`);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-binary-')));
  await mkdir(join(folder, 'home'));
  const api = await startScriptedApi(options);
  const servers: RpcProcess[] = [];
  t.after(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    api,
    folder,
    start: async (args = [], env = {}) => {
      const clean = {
        PATH: process.env['PATH'] ?? '',
        HOME: join(folder, 'home'),
        ANTHROPIC_API_KEY: 'test-key',
        ANTHROPIC_BASE_URL: api.url,
        ...env,
      };
      const server = new RpcProcess(binary, ['mcp', ...args], { cwd: folder, env: clean });
      servers.push(server);
      await server.initialize();
      return server;
    },
  };
}

/** The pid that a command writes into a file with a newline. There is no event for it; the file is there before its content. */
export async function writtenPid(path: string): Promise<number> {
  for (;;) {
    const text = existsSync(path) ? await readFile(path, 'utf8') : '';
    if (text.endsWith('\n')) return Number(text);
    await sleep(10);
  }
}
