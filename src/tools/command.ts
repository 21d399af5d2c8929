// Owns: one run of one command line: start, collect, stop.
// Promises: its own process group, stdin closed, stdout and stderr in one stream in the order they were written, bounded
// memory; whatever happens, the call ends and so does everything that it started.
// Never: keeps state between runs; reads the process's own environment.
import { type ChildProcess, spawn } from 'node:child_process';
import { errorText } from '../contract/errors.ts';
import type { Limits } from './limits.ts';
import { endLeftovers, within } from './leftovers.ts';
import { endGroup } from './process-group.ts';
import { killMarked, markVariable } from './process-mark.ts';
import type { ShellCommand } from './shell.ts';
import { OutputBuffer } from './truncate.ts';
import { startWatchdog, watchGroup } from './watchdog.ts';

export type CommandLine = ShellCommand & {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names this run in the environment of all that it starts. */
  readonly mark: string;
  readonly timeoutMs: number;
  readonly platform: NodeJS.Platform;
};

export type Outcome = {
  readonly output: OutputBuffer;
  readonly ended:
    | { readonly type: 'exited'; readonly code: number }
    | { readonly type: 'signalled'; readonly signal: string }
    | { readonly type: 'timeout' | 'aborted' | 'flood' }
    | { readonly type: 'not_started'; readonly reason: string };
  /** Background processes were still there when the command itself had ended. */
  readonly leftovers: boolean;
};

type Stop = 'timeout' | 'aborted' | 'flood';

export async function runCommand(line: CommandLine, limits: Limits, signal: AbortSignal): Promise<Outcome> {
  const output = new OutputBuffer({ bytes: limits.outputBytes, lines: limits.outputLines });
  if (signal.aborted) return { output, ended: { type: 'aborted' }, leftovers: false };
  startWatchdog(line.env['PATH'] ?? '/usr/bin:/bin', line.platform);
  const started = start(line);
  if (typeof started === 'string') return { output, ended: { type: 'not_started', reason: started }, leftovers: false };
  const child = started;
  const exited = new Promise<Outcome['ended']>((resolve) => {
    if (line.tellsStatus) onStatus(child, (code) => resolve({ type: 'exited', code }));
    child.once('error', (error) => resolve({ type: 'not_started', reason: error.message }));
    child.once('exit', (code, name) =>
      resolve(code === null ? { type: 'signalled', signal: name ?? 'a signal' } : { type: 'exited', code }),
    );
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const group = child.pid;
  if (group === undefined) return { output, ended: await exited, leftovers: false };

  const release = watchGroup(group);
  const stopped = stopper(signal, line.timeoutMs);
  for (const stream of line.tellsStatus ? [child.stdout] : [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output.push(chunk);
      if (output.totalBytes > limits.floodBytes) stopped.stop('flood');
    });
    stream?.on('error', () => {}); // a reset pipe ends the output, which "close" tells
  }
  try {
    const first = await Promise.race([exited, stopped.reason]);
    if (typeof first === 'string') {
      await endGroup(group, first === 'timeout' ? limits.timeoutGraceMs : limits.abortGraceMs, line.platform);
      await killMarked(`${line.mark}.`, line.platform);
      await within(closed, limits.abortGraceMs);
      return { output, ended: { type: first }, leftovers: false };
    }
    const leftovers = await endLeftovers(group, closed, line, limits);
    return { output, ended: first, leftovers };
  } finally {
    stopped.clear();
    release();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function onStatus(child: ChildProcess, tell: (code: number) => void): void {
  child.stderr?.on('data', (chunk: Buffer) => {
    const code = Number.parseInt(chunk.toString('latin1'), 10);
    if (!Number.isNaN(code)) tell(code);
  });
}

function start(line: CommandLine): ChildProcess | string {
  try {
    return spawn(line.program, line.args, {
      cwd: line.cwd,
      env: { ...line.env, [markVariable]: `${line.mark}.` },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: line.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    return errorText(error); // a NUL in the command, an argument list that is too long
  }
}

function stopper(signal: AbortSignal, timeoutMs: number) {
  let stop: (reason: Stop) => void = () => {};
  const reason = new Promise<Stop>((resolve) => (stop = resolve));
  const onAbort = (): void => stop('aborted');
  const timer = setTimeout(() => stop('timeout'), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    reason,
    stop,
    clear(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
