// Owns: running a published tool that needs a newer Node than this one: both come from npm, in exact versions.
// Promises: works on Node 20 with install scripts off; the tool gets a scratch home; returns how it ended and what it said.
// Never: adds either to the project's packages.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const node = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}@22.23.3`;

/** Where npm keeps things, said outright, since HOME changes for the tool. */
const npmHome = {
  npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
  npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
};

type Where = { readonly cwd: string; readonly home: string; readonly env?: Readonly<Record<string, string>> };

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `tool`: name@version; `command`: the tool's command and its arguments. */
export async function withNewerNode(tool: string, command: readonly string[], where: Where): Promise<Ended> {
  const { cwd, home, env = {} } = where;
  const windows = process.platform === 'win32';
  const args = ['exec', '--yes', '--ignore-scripts', `--package=${node}`, `--package=${tool}`, '--', ...command];
  const child = spawn(windows ? 'npm.cmd' : 'npm', args, {
    cwd,
    shell: windows,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_config_update_notifier: 'false', ...npmHome, HOME: home, ...env },
  });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number];
  return { code, stdout, stderr };
}
