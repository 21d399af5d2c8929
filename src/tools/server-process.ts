// Owns: a process that serves as long as we live, such as an MCP server.
// Promises: its own process group, our scrubbed environment and what is added to it, none of our streams; it ends with us,
// however we end, and all that it started with it.
// Never: restarts it or reads what it says.
import { spawn } from 'node:child_process';
import { within } from './leftovers.ts';
import { endGroup } from './process-group.ts';
import { instanceMark, killMarked, markVariable } from './process-mark.ts';
import { startWatchdog, watchGroup } from './watchdog.ts';
import { toolEnvironment } from './environment.ts';

export type ServerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Of the user; scrubbed here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly added: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
};

/** From the end of its stdin and SIGTERM to SIGKILL. */
const graceMs = 100;
const drainMs = 200;
let count = 0;

export function startServerProcess(line: ServerCommand) {
  const mark = `${instanceMark}.server.${(count += 1)}.`;
  const env: Readonly<Record<string, string>> = { ...toolEnvironment(line.env), ...line.added, [markVariable]: mark };
  startWatchdog(env['PATH'] ?? '/usr/bin:/bin', line.platform);
  const child = spawn(line.command, line.args, {
    cwd: line.cwd,
    env,
    stdio: 'pipe',
    detached: line.platform !== 'win32',
    windowsHide: true,
  });
  const { pid, stdin, stdout, stderr } = child;
  const release = pid === undefined ? () => {} : watchGroup(pid);
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `exited with code ${code}`;
      void within(closed, drainMs).then(() => resolve(how)); // what it started may hold its output
    });
  });
  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    stdin.end();
    if (pid === undefined) return;
    await endGroup(pid, graceMs, line.platform);
    await killMarked(mark, line.platform);
    release();
    stdout.destroy();
    stderr.destroy();
  }
  void ended.then(() => (ending ??= end())); // what it left behind has no purpose without it
  return { stdin, stdout, stderr, ended, end: () => (ending ??= end()) };
}
