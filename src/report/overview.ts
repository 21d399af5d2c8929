// Owns: the head of the report: title, tiles, and what went wrong, grouped.
// Promises: says how many workers, what they cost and what failed without scrolling; unknown costs are named.
// Never: lists every worker (the list does).
import { counted, grouped } from '../contract/text.ts';
import { money, moment, percent, short, sum, time } from './format.ts';
import type { ReportInput, ReportWorker } from './input.ts';
import { type Html, html, nothing, trusted } from './markup.ts';
import { type Outcome, outcomeOf, outcomes, type Totals } from './totals.ts';

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
  open: 'not ended',
};

export function header(input: ReportInput): Html {
  return html`<header class="top">
    <p class="brand">aworkers report</p>
    <h1 dir="auto">${input.title}</h1>
    <p class="sub">
      <span>${counted(input.workers.length, 'worker')}</span
      ><span>made ${moment(input.generated_at)}</span
      >${input.logs_dir !== null && html`<span>logs in <code>${input.logs_dir}</code></span>`}
    </p>
  </header>`;
}

export function tiles(workers: readonly ReportWorker[], totals: Totals): Html {
  const { usage, clock } = totals;
  const span = clock === null ? 0 : clock.to - clock.from;
  const known = workers.length - totals.unknown_costs;
  return html`<section class="tiles" aria-label="Totals">
    ${tile('Workers', grouped(workers.length), outcomeLine(totals), html`${outcomeBar(totals)}`)}
    ${tile(
      'Cost',
      known === 0 && workers.length > 0 ? 'unknown' : money(totals.known_cost_usd),
      [
        ...(known > 0 ? [`${money(totals.known_cost_usd / known)} a worker`] : []),
        ...(totals.unknown_costs > 0 && known > 0 ? [`${totals.unknown_costs} more of unknown cost`] : []),
      ].join(' · '),
    )}
    ${tile('Tokens', short(totals.prompt_tokens + usage.output_tokens), `${short(totals.prompt_tokens)} in · ${short(usage.output_tokens)} out`)}
    ${tile('Cache share', percent(usage.cache_read_input_tokens, totals.prompt_tokens), 'of prompt tokens read from the cache')}
    ${tile(
      'Time',
      time(totals.together ? span : totals.work_ms),
      totals.together && span > 0
        ? `${time(totals.work_ms)} of work, ${(totals.work_ms / span).toFixed(1)} at a time`
        : `of work, median ${time(totals.median_ms)}`,
    )}
    ${tile('Turns', grouped(totals.turns), `${counted(totals.denials, 'denied call')} · ${counted(totals.retries, 'retry', 'retries')}`)}
  </section>`;
}

function tile(label: string, value: string, note: string, picture: Html = nothing): Html {
  return html`<div class="tile">
    <h2>${label}</h2>
    <p class="big">${value}</p>
    ${picture}
    <p class="note">${note}</p>
  </div>`;
}

function outcomeLine({ outcomes: counts }: Totals): string {
  const present = outcomes.filter((outcome) => counts[outcome] > 0);
  return present.map((outcome) => `${grouped(counts[outcome])} ${outcomeNames[outcome]}`).join(', ');
}

function outcomeBar({ outcomes: counts }: Totals): Html {
  const all = Math.max(
    1,
    sum(outcomes, (outcome) => counts[outcome]),
  );
  let x = 0;
  const parts = outcomes.map((outcome) => {
    const width = (counts[outcome] / all) * 100;
    x += width;
    return width === 0 ? nothing : html`<rect class="f-${outcome}" x="${x - width}" width="${width}" height="4" />`;
  });
  return html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

const named = 8;

export function problems(input: ReportInput): Html {
  const groups = failureGroups(input.workers);
  const unreadable = input.unreadable ?? [];
  if (groups.length === 0 && unreadable.length === 0) return nothing;
  return html`<section class="card problems" id="failures">
    <h2>What went wrong</h2>
    <ul class="groups">
      ${groups.map(
        ({ type, hint, members }) =>
          html`<li>
            <p><b>${type}</b> <span class="count">${counted(members.length, 'worker')}</span></p>
            <p class="hint" dir="auto">${hint}</p>
            <p class="who">
              ${members
                .slice(0, named)
                .map(({ worker, index }) => html`<a href="#w${index + 1}" dir="auto">${worker.description}</a> `)}${
                members.length > named && `and ${members.length - named} more in the list`
              }
            </p>
          </li>`,
      )}${
        unreadable.length > 0 &&
        html`<li>
          <p><b>not in this report</b> <span class="count">${counted(unreadable.length, 'worker')}</span></p>
          ${unreadable
            .slice(0, named)
            .map(
              ({ worker_id, problem }) => html`<p class="hint" dir="auto"><code>${worker_id}</code> ${problem}</p>`,
            )}${unreadable.length > named && html`<p class="who">and ${unreadable.length - named} more</p>`}
        </li>`
      }
    </ul>
  </section>`;
}

type Group = {
  readonly type: string;
  readonly hint: string;
  readonly members: { readonly worker: ReportWorker; readonly index: number }[];
};

/** The largest first; workers that failed alike stand together. */
function failureGroups(workers: readonly ReportWorker[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [index, worker] of workers.entries()) {
    if (outcomeOf(worker) !== 'failed') continue;
    const type = worker.status === 'completed' ? 'check failed' : (worker.error_type ?? worker.status);
    const hint = worker.status === 'completed' ? failedChecks(worker) : (worker.error_hint ?? '');
    const key = JSON.stringify([type, hint.replaceAll(/\d+/g, '#')]);
    const group = groups.get(key) ?? { type, hint, members: [] };
    group.members.push({ worker, index });
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((a, b) => b.members.length - a.members.length);
}

function failedChecks(worker: ReportWorker): string {
  const failed = (worker.checks ?? []).filter((check) => !check.passed);
  return failed.map(({ name, detail }) => (detail === '' ? name : `${name}: ${detail}`)).join('; ');
}

/** What the colours of the strips mean. */
export function legend(items: readonly { readonly className: string; readonly label: string }[]): Html {
  return html`<ul class="legend">
    ${items.map(
      ({ className, label }) =>
        html`<li>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect class="${trusted(className)}" width="10" height="10" rx="2" /></svg
          >${label}
        </li>`,
    )}
  </ul>`;
}
