// A git repository in a folder of its own, a home beside it, and the real app over a scripted Messages API.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { openApp } from '../../src/app.ts';
import type { App, AppConfig } from '../../src/app-config.ts';
import type { WorkerOptions } from '../../src/contract/options.ts';
import type { CompletedEntry, FailedEntry } from '../../src/contract/worker.ts';
import { type Script, startScriptedApi } from '../fakes/messages-api.ts';

export type RepositoryWorld = {
  /** The repository; home stands beside it. */
  readonly repo: string;
  readonly home: string;
  readonly app: (given?: Partial<AppConfig>) => Promise<App>;
  /** One worker from spawn to end. */
  readonly run: (app: App, prompt: string, options?: WorkerOptions) => Promise<CompletedEntry | FailedEntry>;
  /** Output of git in the repository. */
  readonly git: (...args: readonly string[]) => string;
  readonly write: (path: string, text: string) => Promise<void>;
};

const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

export async function repositoryWorld(
  t: TestContext,
  script: Script,
  files: Readonly<Record<string, string>> | null = { 'list.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n' },
): Promise<RepositoryWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-worktree-')));
  const [repo, home] = [join(folder, 'repo'), join(folder, 'home')];
  await mkdir(repo);
  await mkdir(home);
  const api = await startScriptedApi({ script });
  const apps: App[] = [];
  t.after(async () => {
    for (const app of apps) await app.close('the test is over');
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });
  const git = (...args: readonly string[]) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...quiet, ...author };
    return execFileSync('git', args, { cwd: repo, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
  };
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(repo, path)), { recursive: true });
    await writeFile(join(repo, path), text);
  };
  if (files !== null) {
    git('init', '-q', '-b', 'main');
    for (const [path, text] of Object.entries(files)) await write(path, text);
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
  }
  return {
    repo,
    home,
    git,
    write,
    app: async (given = {}) => {
      const app = await openApp({
        env: { PATH: process.env['PATH'] ?? '', HOME: home },
        cwd: repo,
        home,
        logsDir: join(folder, 'logs'),
        baseUrl: api.url,
        apiKey: 'test-key',
        grants: { allow: ['Bash', 'Edit', 'Write'], deny: [], trustProject: false, trustCaller: false },
        approver: 'host',
        sandbox: 'off',
        ...given,
      });
      apps.push(app);
      return app;
    },
    run: async ({ manager }, prompt, options = {}) => {
      const isolated: WorkerOptions = { isolation: 'worktree', ...options };
      const { worker_id } = await manager.spawn({ description: prompt, prompt, options: isolated });
      const { completed, failed } = await manager.wait({ worker_ids: [worker_id] });
      return [...completed, ...failed][0]!;
    },
  };
}
