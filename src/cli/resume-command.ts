// Owns: the command that goes on with a worker, as a person would type it where they are.
// Promises: it finds the worker: it names the logs directory where that is not the one `aworkers resume` looks in by itself.
import { resolve } from 'node:path';
import { logsDirOf } from './config.ts';
import type { CliIo } from './io.ts';
import { quoted } from './watch-run.ts';

export function resumeCommand(id: string, logsDir: string, { cwd, env }: Pick<CliIo, 'cwd' | 'env'>): string {
  const where = logsDir === resolve(cwd, logsDirOf(env) ?? 'logs') ? '' : ` --logs-dir ${quoted(logsDir)}`;
  return `aworkers resume ${id} "…"${where}`;
}
