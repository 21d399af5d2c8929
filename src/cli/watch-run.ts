// Owns: what stderr says, and stream-json puts on stdout, while one worker runs.
// Promises: every notice, retry and denial is said in every format; a denial that nobody could prevent names the flag that would.
// Never: waits or ends anything.
import type { EventOf, WorkerEvent } from '../contract/event.ts';
import type { Spawned } from '../contract/manager.ts';
import type { Notice } from '../contract/options.ts';
import type { PermissionRequest } from '../contract/permission.ts';
import { printable } from '../contract/printable.ts';
import { eventLines, inputGist } from './event-lines.ts';
import { oneLine } from './one-line.ts';
import type { Output } from './render.ts';
import { streamLines } from './stream-json.ts';

export type RunWatch = {
  readonly onEvent: (event: WorkerEvent) => void;
  /** Tool calls that were denied because nobody could approve them: the flag that would allow each, where one could. */
  readonly unapproved: readonly (string | undefined)[];
};

/** `live`: a person watches, so tool uses are shown as they happen. */
export function watchRun(out: Output, spawned: Spawned, options: { stream: boolean; live: boolean }): RunWatch {
  const requests = new Map<string, PermissionRequest>();
  const unapproved: (string | undefined)[] = [];
  const paint = out.paintNote;

  for (const notice of spawned.notices) out.note(`${paint('yellow', 'notice')} ${noticeText(notice)}`);

  return {
    unapproved,
    onEvent: (event) => {
      if (options.stream) for (const line of streamLines(event, spawned)) out.json(JSON.stringify(line));
      if (event.type === 'permission.requested') requests.set(event.request.request_id, event.request);
      if (event.type === 'permission.resolved' && !event.resolution.allow) {
        const request = requests.get(event.request_id ?? '');
        const rule = request?.suggested_rule;
        const flag = rule === undefined ? undefined : `--allow ${quoted(rule)}`;
        if (event.resolution.decided_by === 'nobody') unapproved.push(flag);
        // Whoever was asked here knows.
        if (event.resolution.decided_by === 'cli') return;
        for (const line of denialLines(event, request, flag, out)) out.note(line);
        return;
      }
      if (options.live || event.type === 'model.retried') {
        for (const line of eventLines(event, 'brief', paint)) out.note(line);
      }
    },
  };
}

export function noticeText({ option, requested, sent, reason }: Notice): string {
  const asked = requested === undefined || requested === null ? '' : ` ${valueText(requested)}`;
  const put = sent === null || sent === undefined ? 'not sent' : `sent as ${valueText(sent)}`;
  return `${oneLine(option, 80)}${asked}: ${put}. ${oneLine(reason, 400)}`;
}

function valueText(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value), 80);
}

function denialLines(
  event: EventOf<'permission.resolved'>,
  request: PermissionRequest | undefined,
  flag: string | undefined,
  out: Output,
): string[] {
  const { decided_by, reason } = event.resolution;
  const head = `${out.paintNote(['bold', 'red'], 'DENIED')} ${printable(event.tool)}  ${inputGist(event.input, 160)}`;
  const why = oneLine(request?.reason ?? reason ?? '', 300);
  if (decided_by === 'nobody') {
    const way = flag === undefined ? 'no rule can allow it; in a terminal you are asked' : `${flag} would allow it`;
    return [head, `       ${why} Nobody could approve it here; ${way}.`];
  }
  return [head, `       by ${decided_by}${why === '' ? '' : `: ${why}`}`];
}

/** As a shell takes it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", `'\\''`)}'`;
}
