// Owns: the Bash tool.
// Promises: every command starts fresh in the worker's directory; the result says how it ended, what was cut, and what was
// left running and therefore ended. A call never hangs.
// Never: keeps a shell between calls; the gate judges a command without the state of an earlier one.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { assertNever } from '../contract/errors.ts';
import type { Tool } from '../contract/ports.ts';
import { counted } from '../contract/text.ts';
import { type Outcome, runCommand } from './command.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { instanceMark, killMarked } from './process-mark.ts';
import { cleanTerminal, looksBinary } from './sanitize.ts';
import { findShell, neededPipe, shellCommand } from './shell.ts';

/** Linux takes 128 KiB in one argument. */
const commandBytes = 120_000;
const maxTimeoutMs = 600_000;

export const bashDefinition = {
  name: 'Bash',
  description:
    'Run a command line with bash. Each call starts fresh in the working directory: cd and variables do not carry over. No input; background processes end with the call; of long output head and tail are kept. For files prefer Read, Edit, Glob and Grep.',
  input: z.strictObject({
    command: z.string().min(1),
    timeout: z.int().min(1).max(maxTimeoutMs).optional().describe('Milliseconds, default 120000'),
    description: z.string().optional().describe('What it does, in 5 to 10 words'),
  }),
  access: 'execute',
} as const;

/** `ended` resolves when nothing runs any more; to be awaited after `closing` was aborted. */
export type BashTool = { readonly tool: Tool; ended(): Promise<void> };

export function bashTool(context: ToolContext): BashTool {
  const { closing, cwd, env, limits, platform, sandbox } = context;
  const workerMark = `${instanceMark}.${context.worker_id}.${randomUUID().slice(0, 8)}`;
  const running = new Set<Promise<Outcome>>();
  let calls = 0;
  let swept = 0;
  let byName = false;

  const tool = bindTool(bashDefinition, {
    async run({ command, timeout }, signal) {
      const shell = findShell(env['PATH'] ?? '', platform);
      if (shell === undefined)
        throw new ToolFailure('There is neither bash nor sh on this machine: no command can run.');
      if (command.includes('\0'))
        throw new ToolFailure('The command holds a NUL character. Write it as \\0 inside quotes.');
      if (Buffer.byteLength(command) > commandBytes) {
        throw new ToolFailure(
          `The command is longer than ${counted(commandBytes, 'byte')}. Write it to a file and run that.`,
        );
      }
      calls += 1;
      const mark = `${workerMark}.${calls}`;
      const inside = (await sandbox?.wrap(command, shell.path, cwd, signal)) ?? command;
      const timeoutMs = Math.min(timeout ?? limits.commandTimeoutMs, maxTimeoutMs);
      const line = {
        ...shellCommand(shell, inside, platform, byName),
        cwd,
        env,
        mark,
        timeoutMs,
        platform,
      };
      const run = runCommand(line, limits, AbortSignal.any([signal, closing]));
      running.add(run);
      try {
        const outcome = await run;
        const output = shownOutput(outcome);
        const repeat = neededPipe(line, output);
        byName ||= repeat;
        return report(outcome, repeat ? `${output}\n${repeatAdvice}` : output, timeoutMs, cwd);
      } finally {
        running.delete(run);
        sandbox?.cleanUp();
      }
    },
  });

  return {
    tool,
    async ended() {
      await Promise.all(running);
      if (calls === swept) return;
      swept = calls;
      await killMarked(`${workerMark}.`, platform);
    },
  };
}

const repeatAdvice =
  '[/dev/stdout and /dev/stderr could not be opened by name. They can from now on: repeat the command.]';

/** The text of a success; throws that of a failure. */
function report(outcome: Outcome, output: string, timeoutMs: number, cwd: string): string {
  const notes = outcome.leftovers ? ['[Processes left in the background were ended.]'] : [];
  const failure = failureOf(outcome, timeoutMs, cwd);
  const text = [output, ...notes, failure].filter((part) => part !== undefined && part !== '').join('\n');
  if (failure === undefined) return text;
  throw new ToolFailure(text);
}

function failureOf({ ended, output }: Outcome, timeoutMs: number, cwd: string): string | undefined {
  switch (ended.type) {
    case 'exited':
      return ended.code === 0 ? undefined : `Exit code ${ended.code}.`;
    case 'signalled':
      return `Ended by ${ended.signal}.`;
    case 'timeout':
      return `Timed out after ${timeoutMs} ms; the command and all it started were ended. Set timeout (up to ${maxTimeoutMs}) if it needs longer.`;
    case 'aborted':
      return 'Interrupted; the command and all it started were ended. It may have run in part.';
    case 'flood':
      return `Stopped: it wrote more than ${counted(output.totalBytes, 'byte')}. Redirect its output to a file, or filter it.`;
    case 'not_started':
      return `The command could not start in ${cwd}: ${ended.reason}.`;
    default:
      return assertNever(ended);
  }
}

function shownOutput({ output }: Outcome): string {
  const raw = output.text('Redirect to a file and Read parts of it, or filter with grep, head or tail.');
  if (looksBinary(raw))
    return `[binary output, ${counted(output.totalBytes, 'byte')}, not shown. Redirect it to a file.]`;
  return cleanTerminal(raw).replace(/\n+$/, '');
}
