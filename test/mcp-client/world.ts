// A folder with a server configuration, the real app over a scripted Messages API, and the tiny server.
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openApp } from '../../src/app.ts';
import type { App, AppConfig, Grants } from '../../src/app-config.ts';
import type { WorkerManager } from '../../src/contract/manager.ts';
import { isToolResult, toBlocks } from '../../src/contract/message.ts';
import type { Task } from '../../src/contract/task.ts';
import { type ScriptedApi, type ScriptedApiOptions, startScriptedApi } from '../fakes/messages-api.ts';

export type Entry = Readonly<Record<string, unknown>>;

export type McpWorld = {
  readonly folder: string;
  readonly api: ScriptedApi;
  /** Lines that the tiny servers noted. */
  readonly noted: () => Promise<readonly string[]>;
  readonly app: (servers: Readonly<Record<string, Entry>> | undefined, given?: Given) => Promise<App>;
};

type Given = Partial<Omit<AppConfig, 'grants'>> & { readonly grants?: Partial<Grants> };

const script = fileURLToPath(new URL('tiny-server.ts', import.meta.url));

/** How this runtime runs a script. */
export function running(path: string, args: readonly string[] = []): { command: string; args: readonly string[] } {
  const runtime = 'deno' in process.versions ? ['run', '-A'] : [];
  return { command: process.execPath, args: [...runtime, path, ...args] };
}

export async function mcpWorld(t: TestContext, options: ScriptedApiOptions = {}): Promise<McpWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-mcp-client-')));
  const api = await startScriptedApi(options);
  const apps: App[] = [];
  t.after(async () => {
    await Promise.all(apps.map((app) => app.close('the test is over')));
    await api.close();
    await rm(folder, { recursive: true });
  });
  return {
    folder,
    api,
    noted: async () => {
      const text = await readFile(join(folder, 'noted'), 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line !== '');
    },
    app: async (servers, { grants, ...given } = {}) => {
      const path = join(folder, 'servers.json');
      if (servers !== undefined) await writeFile(path, JSON.stringify({ mcpServers: servers }, null, 2));
      const app = await openApp({
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
        cwd: folder,
        home: join(folder, 'home'),
        baseUrl: api.url,
        apiKey: 'test-key',
        approver: 'nobody',
        sandbox: 'off',
        ...(servers === undefined ? {} : { mcpConfig: [path] }),
        ...given,
        grants: { allow: [], deny: [], trustProject: false, trustCaller: true, ...grants },
      });
      apps.push(app);
      return app;
    },
  };
}

export function tiny(world: McpWorld, ...args: readonly string[]): Entry {
  return running(script, ['--log', join(world.folder, 'noted'), ...args]);
}

/** Runs a task to its end; its tool results in order, as "ok: text" or "error: text". */
export async function resultsOf(manager: WorkerManager, task: Partial<Task> = {}): Promise<readonly string[]> {
  const { worker_id } = await manager.spawn({ description: 'test', prompt: 'go', ...task });
  await manager.wait({ worker_ids: [worker_id] });
  return toolResults(manager, worker_id);
}

export async function toolResults(manager: WorkerManager, id: string): Promise<readonly string[]> {
  const { history } = await manager.read(id);
  return history.messages
    .flatMap((message) => toBlocks(message.content))
    .filter(isToolResult)
    .map(({ content = '', is_error }) => {
      const shown =
        typeof content === 'string'
          ? content
          : content.map((block) => ('text' in block ? block.text : block.type)).join(' + ');
      return `${is_error === true ? 'error' : 'ok'}: ${shown}`;
    });
}

/** Names of the tools that the nth request offered, from 1. */
export function toolsOffered(api: ScriptedApi, n = 1): readonly string[] {
  const body = api.requests[n - 1]?.body as { tools?: readonly { name: string }[] } | undefined;
  return (body?.tools ?? []).map(({ name }) => name);
}
