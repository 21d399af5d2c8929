// Owns: what a person reads of an event, in `logs` (everything) and while a run is watched (what matters now).
// Promises: text of models and tools is made safe for the terminal; a switch over all events.
// Never: writes.
import { assertNever } from '../contract/errors.ts';
import type { WorkerEvent } from '../contract/event.ts';
import { printable } from '../contract/printable.ts';
import type { WorktreeReport } from '../contract/worktree.ts';
import { type ContentBlock, isText, isToolUse, textOf } from '../contract/message.ts';
import { oneLine } from './one-line.ts';
import type { Paint } from './render.ts';

export type Detail = 'full' | 'brief';

export function eventLines(event: WorkerEvent, detail: Detail, paint: Paint): string[] {
  const full = detail === 'full';
  const dim = (text: string) => paint('dim', text);
  switch (event.type) {
    case 'worker.spawned':
      return full
        ? [
            `${paint('bold', printable(event.description))}  ${dim(`${oneLine(`${event.plan.settings.model}, ${event.plan.agent_type}`, 120)}, ${event.at}`)}`,
            ...promptLines(event.prompt, paint),
          ]
        : [];
    case 'worker.resumed':
      return full ? [dim(`resumed ${event.at}`)] : [];
    case 'worker.started':
      return [];
    case 'message.appended':
      return full ? promptLines(textOf(event.content), paint) : [];
    case 'model.replied':
      return replyLines(event.content, full, paint);
    case 'model.retried':
      return [
        paint(
          'yellow',
          `retry ${event.attempt}/${event.max_attempts} in ${seconds(event.delay_ms)}: ${event.error_type}, ${oneLine(event.message, 200)}`,
        ),
      ];
    case 'permission.requested':
      return full ? [paint('yellow', `asks for ${event.request.tool}: ${oneLine(event.request.reason, 200)}`)] : [];
    case 'permission.resolved': {
      const { allow, decided_by, reason } = event.resolution;
      const why = reason === undefined ? '' : `: ${oneLine(reason, 200)}`;
      if (allow) return full ? [paint('green', `allowed by ${decided_by}${why}`)] : [];
      return full ? [paint('red', `denied ${event.tool} by ${decided_by}${why}`)] : [];
    }
    case 'tool.started':
      return [];
    case 'tool.finished':
      return full ? resultLines(event, paint) : [];
    case 'child.spawned':
      return [dim(`worker ${event.worker_id.slice(0, 8)}: ${oneLine(event.description, 80)}`)];
    case 'child.ended':
      return full ? [dim(`worker ${event.worker_id.slice(0, 8)} ended, ${dollars(event.cost_usd)}`)] : [];
    case 'worktree.settled':
      return full ? worktreeLines(event).map((line) => paint('dim', line)) : [];
    case 'worker.completed':
      return full ? [paint('green', `completed ${event.at}`)] : [];
    case 'worker.failed':
      return full ? [paint('red', `failed (${event.error_type}) ${printable(event.error_hint)}`)] : [];
    case 'worker.stopped':
      return full ? [paint('yellow', `stopped: ${oneLine(event.reason, 200)}`)] : [];
    default:
      return assertNever(event);
  }
}

/** What a person needs of a worktree with changes; nothing of one without. */
export function worktreeLines(
  worktree: Pick<WorktreeReport, 'branch' | 'diffstat' | 'apply_command' | 'problem'>,
): string[] {
  const { branch, diffstat, apply_command, problem } = worktree;
  if (problem !== undefined) return [`worktree: its changes were not collected (${oneLine(problem, 200)})`];
  if (apply_command === null) return [];
  return [`worktree: ${printable(diffstat)} on branch ${printable(branch)}`, `apply with: ${printable(apply_command)}`];
}

/** The gist of a tool input: the command, the path, the pattern; else its JSON. */
export function inputGist(input: unknown, width: number): string {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Readonly<Record<string, unknown>>;
  const gist = ['command', 'file_path', 'pattern', 'url', 'path'].map((key) => fields[key]).find(isString);
  return oneLine(gist ?? JSON.stringify(input) ?? '', width);
}

export function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

export function dollars(cost: number | null): string {
  if (cost === null) return 'cost unknown';
  return `$${cost.toFixed(cost > 0 && cost < 0.1 ? 4 : 2)}`;
}

function replyLines(content: readonly ContentBlock[], full: boolean, paint: Paint): string[] {
  return content.flatMap((block) => {
    if (isToolUse(block)) {
      return [`${paint('cyan', '●')} ${printable(block.name)}  ${paint('dim', inputGist(block.input, 120))}`];
    }
    if (!full) return [];
    if (isText(block)) return block.text.trim() === '' ? [] : printable(block.text).split('\n');
    const thought = block.type === 'thinking' && 'thinking' in block ? String(block['thinking']) : '';
    return [paint('dim', thought === '' ? `(${block.type})` : `(thinking) ${oneLine(thought, 160)}`)];
  });
}

const shownLines = 6;

function resultLines(event: Extract<WorkerEvent, { type: 'tool.finished' }>, paint: Paint): string[] {
  const content = event.content as string | readonly ContentBlock[];
  const lines = printable(textOf(content)).trimEnd().split('\n');
  const more = lines.length - shownLines;
  const shown = more > 0 ? [...lines.slice(0, shownLines), `… ${more} more lines`] : lines;
  return shown.map((line) => paint(event.is_error ? 'red' : 'dim', `  ${line}`));
}

function promptLines(prompt: string, paint: Paint): string[] {
  return printable(prompt)
    .trimEnd()
    .split('\n')
    .map((line) => paint('blue', `> ${line}`));
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
