// Owns: one run's place: an empty home, a working directory with the file that the tool reads, the environment.
// Promises: nothing of the caller's settings or credentials reaches a program; `remove` leaves nothing behind.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from './settings.ts';

export type Place = {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tasks: string;
  remove(): Promise<void>;
};

export async function openPlace(settings: Settings, workers: number, address: string, ca: string | undefined) {
  const root = await mkdtemp(join(tmpdir(), 'aworkers-bench-'));
  const dir = join(root, 'work');
  const home = join(root, 'home');
  await mkdir(dir);
  await mkdir(home);
  await writeFile(join(dir, 'notes.txt'), `${'x'.repeat(79)}\n`.repeat(Math.ceil(settings.result / 80)));
  const tasks = join(root, 'tasks.jsonl');
  const lines = Array.from({ length: workers }, (_, n) => JSON.stringify({ id: `t${n}`, prompt: promptOf(n) }));
  await writeFile(tasks, `${lines.join('\n')}\n`);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ANTHROPIC_BASE_URL: address,
    ANTHROPIC_API_KEY: 'bench-key',
    ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca }),
  };
  return { dir, env, tasks, remove: () => rm(root, { recursive: true, force: true }) } satisfies Place;
}

export function promptOf(n: number): string {
  return `Read notes.txt three times, then say what it holds. You are number ${n}.`;
}
