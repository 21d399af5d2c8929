// Owns: permission prompts in a terminal: the command or the diff, the reason, four answers.
// Promises: one prompt at a time, in the order asked; other output waits meanwhile; a request that is withdrawn leaves the
// screen; a cancelled prompt is never an approval.
// Never: runs without a terminal on both stdin and stderr; remembers a rule by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PermissionRequest, Resolution } from '../contract/permission.ts';
import type { Approver } from '../contract/ports.ts';
import { printable } from '../contract/printable.ts';
import type { CliIo, TerminalReadable } from './io.ts';
import { oneLine } from './one-line.ts';
import type { Output, Paint } from './render.ts';

const discardMs = 50;

export function canPrompt(io: Pick<CliIo, 'stdin' | 'stderr'>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

export function terminalApprover(io: Pick<CliIo, 'stdin' | 'stderr'>, out: Output, interrupt: () => void): Approver {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(request, commit, signal) {
      const turn = last.then(async () => {
        signal.throwIfAborted();
        const release = out.hold();
        try {
          return await prompt(request, io, out, signal);
        } finally {
          release();
        }
      });
      last = turn.catch(() => undefined); // whoever asked learns of it; the next prompt goes on
      return turn.then(async (resolution) => {
        if (resolution === 'cancelled') {
          interrupt();
          return await withdrawn(signal);
        }
        await commit(resolution);
        return resolution;
      });
    },
  };
}

/** Keys pressed before the question was on the screen answer nothing. */
async function discardTyped(stdin: TerminalReadable): Promise<void> {
  const ignore = () => undefined;
  stdin.setRawMode?.(true); // a half-typed line is held back by the terminal until then
  stdin.on('data', ignore);
  stdin.resume();
  await sleep(discardMs);
  stdin.off('data', ignore);
  stdin.pause();
  stdin.setRawMode?.(false);
}

/** Nobody answered: the request stays open until whoever asked takes it back. */
function withdrawn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const take = () => reject(signal.reason as Error);
    if (signal.aborted) take();
    else signal.addEventListener('abort', take, { once: true });
  });
}

async function prompt(
  request: PermissionRequest,
  io: Pick<CliIo, 'stdin' | 'stderr'>,
  out: Output,
  signal: AbortSignal,
): Promise<Resolution | 'cancelled'> {
  const { select, text, isCancel } = await import('@clack/prompts');
  const common = { input: io.stdin, output: io.stderr, signal };
  await discardTyped(io.stdin);
  out.direct(requestLines(request, out.paintNote).join('\n'));

  const rule = request.suggested_rule;
  const answer = await select({
    ...common,
    message: 'Allow it?',
    options: [
      { value: 'once', label: 'Allow once' },
      ...(rule === undefined ? [] : [{ value: 'rule', label: `Allow always: ${printable(rule)}` }]),
      { value: 'deny', label: 'Deny' },
      { value: 'reason', label: 'Deny, and say why' },
    ],
    initialValue: 'once',
  });
  signal.throwIfAborted();
  if (isCancel(answer)) return 'cancelled';
  if (answer === 'once') return { allow: true, scope: 'once', decided_by: 'cli' };
  if (answer === 'rule' && rule !== undefined) {
    return { allow: true, scope: 'all', remembered_rule: rule, decided_by: 'cli' };
  }
  if (answer !== 'reason') return { allow: false, scope: 'once', decided_by: 'cli' };

  const reason = await text({ ...common, message: 'Why? The worker reads it.' });
  signal.throwIfAborted();
  if (isCancel(reason)) return 'cancelled';
  const given = reason.trim();
  return { allow: false, scope: 'once', decided_by: 'cli', ...(given === '' ? {} : { reason: given }) };
}

/** What is asked, ready for the screen: whole, for what is not shown cannot be judged. */
export function requestLines(request: PermissionRequest, paint: Paint): string[] {
  return [
    '',
    `${paint('yellow', '?')} ${paint('bold', printable(request.tool))}  ${paint('dim', oneLine(request.description, 60))}`,
    ...subjectLines(request, paint).map((line) => `  ${line}`),
    `  ${paint('dim', oneLine(request.reason, 300))}`,
  ];
}

function subjectLines(request: PermissionRequest, paint: Paint): string[] {
  const { command, file_path: path } = request.input;
  if (request.preview !== undefined) {
    const diff = linesOf(request.preview.trimEnd(), paint).map((line) => diffLine(line, paint));
    return typeof path === 'string' ? [paint('bold', oneLine(path, 300)), ...diff] : diff;
  }
  if (typeof command === 'string') return linesOf(command, paint).map((line) => paint('cyan', line));
  return linesOf(JSON.stringify(request.input, null, 2), paint);
}

function diffLine(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('green', line);
  if (line.startsWith('-')) return paint('red', line);
  return line.startsWith('@@') ? paint('cyan', line) : line;
}

const longest = 50_000;

function linesOf(text: string, paint: Paint): string[] {
  const lines = printable(text.slice(0, longest)).split('\n');
  const rest = text.length - longest;
  return rest > 0 ? [...lines, paint('red', `CUT: ${rest} more characters are not shown.`)] : lines;
}
