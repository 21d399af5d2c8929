// A shell for the compiled binary: an empty project, an empty home, a scripted Messages API; children that are left are ended.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type ScriptedApi, type ScriptedApiOptions, startScriptedApi } from '../fakes/messages-api.ts';
import { binary } from './host.ts';

type Env = Readonly<Record<string, string>>;
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Shell = {
  readonly api: ScriptedApi;
  readonly folder: string;
  readonly start: (argv: readonly string[], env?: Env) => ChildProcess;
  readonly run: (argv: readonly string[], given?: { stdin?: string; env?: Env }) => Promise<Ended>;
};

export async function withShell(options: ScriptedApiOptions, body: (shell: Shell) => Promise<void>): Promise<void> {
  assert.ok(existsSync(binary), `${binary} is missing. Build it: node scripts/build.mjs`);
  const root = await realpath(await mkdtemp(join(tmpdir(), 'aworkers-shell-')));
  const folder = join(root, 'project');
  mkdirSync(folder);
  mkdirSync(join(root, 'home'));
  const api = await startScriptedApi(options);
  const children: ChildProcess[] = [];
  const start: Shell['start'] = (argv, env = {}) => {
    const base = { PATH: process.env['PATH'] ?? '', HOME: join(root, 'home'), ANTHROPIC_BASE_URL: api.url };
    const child = spawn(binary, argv, { cwd: folder, env: { ...base, ANTHROPIC_API_KEY: 'test-key', ...env } });
    children.push(child);
    return child;
  };
  try {
    await body({
      api,
      folder,
      start,
      run: async (argv, { stdin = '', env } = {}) => {
        const child = start(argv, env);
        child.stdin?.on('error', ignoreClosedInput).end(stdin);
        return await ended(child);
      },
    });
    api.assertFinished();
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await api.close();
    await rm(root, { recursive: true });
  }
}

/** A command that needs no input may end before it was written. */
function ignoreClosedInput(): void {}

export async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

function text(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
