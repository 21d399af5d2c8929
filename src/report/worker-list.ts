// Owns: the list of workers: a row each, to be opened, sorted and filtered.
// Promises: every row and every text is there without scripts; a row is one <details>, skipped by the browser until it is seen.
// Never: decides what is cut (the input came cut).
import { counted, grouped } from '../contract/text.ts';
import { promptTokens } from '../contract/usage.ts';
import { money, short, time } from './format.ts';
import type { ReportInput, ReportWorker } from './input.ts';
import { type Html, html } from './markup.ts';
import { legend, outcomeNames } from './overview.ts';
import { spanKinds, strip, type Window } from './strip.ts';
import { outcomeOf, outcomes, type Totals } from './totals.ts';
import { combinationName } from './sweep.ts';
import { workerBody } from './worker-body.ts';

const columns = [
  { key: 'state', label: 'State' },
  { key: 'name', label: 'Worker' },
  { key: 'start', label: 'Time line' },
  { key: 'turns', label: 'Turns' },
  { key: 'tokens', label: 'Tokens' },
  { key: 'cost', label: 'Cost' },
  { key: 'time', label: 'Time' },
] as const;

export function workerList(input: ReportInput, totals: Totals): Html {
  const { workers } = input;
  const scale = scaleOf(workers, totals);
  const used = spanKinds.filter(({ kind }) =>
    workers.some(({ spans }) => spans.some((span) => span.kind === kind && (kind !== 'queued' || scale.queued))),
  );
  return html`<section class="card list" id="workers">
    <div class="listhead">
      <h2>Workers</h2>
      ${legend(used.map(({ kind, label }) => ({ className: `s-${kind}`, label })))}
    </div>
    ${filters(input, totals)}
    <p class="scale">Time line: ${scale.text}</p>
    <div class="rows">
      <div class="cols" aria-hidden="true">
        ${columns.map(({ key, label }) => html`<span class="c-${key}" data-sort="${key}">${label}</span>`)}
      </div>
      <div id="rows">${workers.map((worker, index) => row(worker, index, input, scale))}</div>
    </div>
    <p class="empty" hidden>No worker matches. <button type="button" id="reset">Show all</button></p>
  </section>`;
}

function filters({ workers, sweep }: ReportInput, { outcomes: counts }: Totals): Html {
  const models = [...new Set(workers.map((worker) => worker.model))].toSorted();
  return html`<form class="filters" hidden role="search">
    <input type="search" id="find" placeholder="Search names, answers, conversations" aria-label="Search" /><span
      class="chips"
      >${outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map(
          (outcome) =>
            html`<button type="button" class="chip f-${outcome}" data-outcome="${outcome}" aria-pressed="false">
              ${outcomeNames[outcome]} ${grouped(counts[outcome])}
            </button>`,
        )}</span
    >${
      models.length > 1 &&
      html`<select id="model" aria-label="Model">
        <option value="">all models</option>
        ${models.map((model) => html`<option>${model}</option>`)}
      </select>`
    }${
      sweep !== undefined &&
      html`<select id="combination" aria-label="Combination">
        <option value="">all combinations</option>
        ${sweep.combinations.map(
          (_, index) => html`<option value="${index}">${combinationName(sweep, index)}</option>`,
        )}
      </select>`
    }<span class="shown" id="shown" role="status">${counted(workers.length, 'worker')}</span>
  </form>`;
}

function row(worker: ReportWorker, index: number, input: ReportInput, scale: Scale): Html {
  const outcome = outcomeOf(worker);
  const tokens = promptTokens(worker.usage) + worker.usage.output_tokens;
  const values = [
    Date.parse(worker.started_at),
    worker.num_turns,
    tokens,
    worker.total_cost_usd ?? -1,
    worker.duration_ms,
  ];
  const hint = outcome === 'failed' && worker.error_hint;
  const combination = worker.task?.combination;
  return html`<details
    class="w"
    id="w${index + 1}"
    data-o="${outcome}"
    data-m="${worker.model}"
    data-v="${values.join(' ')}"
    ${combination !== undefined && html` data-c="${combination}"`}
  >
    <summary>
      <span class="pill p-${outcome}">${outcome === 'completed' ? 'completed' : stateName(worker)}</span
      ><span class="what"
        ><b dir="auto">${worker.description}</b><small>${subline(worker, input)}</small>${
          hint !== false && hint !== undefined && html`<small class="hint" dir="auto">${hint}</small>`
        }</span
      >${scale.strip(worker)}<span class="num"
        >${grouped(worker.num_turns)}<i>${worker.num_turns === 1 ? ' turn' : ' turns'}</i></span
      ><span class="num">${short(tokens)}<i> tokens</i></span
      ><span class="num">${money(worker.total_cost_usd)}</span><span class="num">${time(worker.duration_ms)}</span>
    </summary>
    ${workerBody(worker)}
  </details> `;
}

function stateName(worker: ReportWorker): string {
  if (worker.status === 'completed') return 'check failed';
  return worker.status === 'awaiting_permission' ? 'asks' : worker.status;
}

function subline(worker: ReportWorker, { sweep }: ReportInput): string {
  const { task } = worker;
  return [
    task?.id,
    task?.combination === undefined || sweep === undefined ? undefined : combinationName(sweep, task.combination),
    task?.repeat === undefined ? undefined : `run ${task.repeat}`,
    worker.model,
    worker.agent_type === 'general-purpose' ? undefined : worker.agent_type,
    worker.denials === 0 ? undefined : counted(worker.denials, 'denied call'),
    worker.retries === 0 ? undefined : counted(worker.retries, 'retry', 'retries'),
  ]
    .filter((text) => text !== undefined)
    .join(' · ');
}

type Scale = { readonly text: string; readonly queued: boolean; readonly strip: (worker: ReportWorker) => Html };

/**
 * Workers that ran side by side share one clock, unless it would make slivers of them; others start at the left edge, idle
 * time between their runs closed up.
 */
function scaleOf(workers: readonly ReportWorker[], { together, clock, median_ms }: Totals): Scale {
  if (together && clock !== null && median_ms * 12 >= clock.to - clock.from) {
    return {
      text: `one clock for all, ${time(clock.to - clock.from)} from the first start to the last end.`,
      queued: true,
      strip: (worker) => strip(worker.spans, clock),
    };
  }
  const closed = new Map(workers.map((worker) => [worker, closeUp(worker)]));
  let longest = 1;
  for (const spans of closed.values()) for (const span of spans) longest = Math.max(longest, span.to);
  const window: Window = { from: 0, to: longest };
  return {
    text: `each from its own start, ${time(longest)} wide; without the time it was queued or had ended.`,
    queued: false,
    strip: (worker) => strip(closed.get(worker) ?? [], window),
  };
}

function closeUp({ spans }: ReportWorker): ReportWorker['spans'] {
  let reached = 0;
  let idle = 0;
  return spans
    .filter((span) => span.kind !== 'queued')
    .toSorted((a, b) => a.from - b.from)
    .map((span) => {
      idle += Math.max(0, span.from - idle - reached);
      reached = Math.max(reached, span.to - idle);
      return { kind: span.kind, from: span.from - idle, to: span.to - idle };
    });
}
