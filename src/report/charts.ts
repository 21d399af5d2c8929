// Owns: the charts of the overview: workers at work, cost against time, tokens by model.
// Promises: bounded: what could be thousands of marks is binned, or drawn without titles.
// Never: text that a model wrote.
import { promptTokens } from '../contract/usage.ts';
import { figure, type Kit, label, openKit, outcomeColours, timeAxis } from './chart-kit.ts';
import { money, percent, short, time } from './format.ts';
import type { ReportWorker } from './input.ts';
import { type Html, html } from './markup.ts';
import { outcomeNames } from './overview.ts';
import { outcomeOf, type Totals } from './totals.ts';

export async function chartsOf(workers: readonly ReportWorker[], totals: Totals): Promise<readonly Html[]> {
  if (workers.length < 2) return [];
  const kit = await openKit();
  return [
    ...(totals.together && totals.clock !== null ? [atWork(kit, workers, totals.clock)] : []),
    costAndTime(kit, workers),
    tokens(kit, workers),
  ];
}

/** How many workers ran at a time: a step up at every start, a step down at every end. */
function atWork({ plot, draw }: Kit, workers: readonly ReportWorker[], clock: { from: number; to: number }): Html {
  const changes = workers
    .flatMap((worker) => {
      const queued = worker.spans.find((span) => span.kind === 'queued');
      const from = queued?.to ?? worker.spans[0]?.from;
      const to = worker.ended_at === null ? clock.to : Date.parse(worker.ended_at);
      return from === undefined
        ? []
        : [
            { at: from, by: 1 },
            { at: Math.max(from, to), by: -1 },
          ];
    })
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  let count = 0;
  let most = 0;
  const steps = changes.map(({ at, by }) => {
    count += by;
    most = Math.max(most, count);
    return { at: (at - clock.from) / 1000, count };
  });
  const cells = 400;
  const length = Math.max(1, clock.to - clock.from) / 1000;
  // The highest count of each cell: thousands of steps would not be seen apart.
  const byCell = new Map<number, { at: number; count: number }>();
  for (const step of steps) {
    const cell = Math.floor((step.at / length) * cells);
    if ((byCell.get(cell)?.count ?? -1) <= step.count) byCell.set(cell, step);
  }
  const points = steps.length > cells ? [...byCell.values()] : steps;
  const axis = timeAxis(length * 1000);
  const picture = draw({
    x: { label: axis.label, domain: [0, length / axis.unit], nice: false },
    y: { label: 'workers', grid: true, domain: [0, Math.max(1, most)], tickFormat: 'd', ticks: Math.min(5, most) },
    marks: [
      plot.areaY(points, {
        x: (d) => d.at / axis.unit,
        y1: 0, // without it Plot would pile up steps of the same moment
        y2: 'count',
        curve: 'step-after',
        fill: 'var(--accent)',
        fillOpacity: 0.18,
      }),
      plot.lineY(points, {
        x: (d) => d.at / axis.unit,
        y: 'count',
        curve: 'step-after',
        stroke: 'var(--accent)',
        strokeWidth: 1.5,
      }),
    ],
  });
  return figure('Workers at work', `${most} at most at the same time`, picture);
}

function costAndTime({ plot, draw }: Kit, workers: readonly ReportWorker[]): Html {
  const longest = workers.reduce((most, worker) => Math.max(most, worker.duration_ms), 0);
  const axis = timeAxis(longest);
  const dots = workers.flatMap((worker, index) =>
    worker.total_cost_usd === null
      ? []
      : [
          {
            time: worker.duration_ms / 1000 / axis.unit,
            cost: worker.total_cost_usd,
            outcome: outcomeNames[outcomeOf(worker)],
            title: `worker ${index + 1}: ${money(worker.total_cost_usd)}, ${time(worker.duration_ms)}`,
          },
        ],
  );
  const few = dots.length <= 200;
  const picture = draw({
    x: { label: axis.label, zero: true, nice: true },
    y: { label: 'cost ($)', grid: true, zero: true, nice: true },
    color: outcomeColours,
    marks: [
      plot.ruleY([0], { stroke: 'var(--line)' }),
      plot.dot(dots, {
        x: 'time',
        y: 'cost',
        fill: 'outcome',
        fillOpacity: few ? 0.75 : 0.35,
        r: few ? 4 : 2.2,
        ...(few ? { title: 'title' } : {}),
      }),
    ],
  });
  const unknown = workers.length - dots.length;
  return figure(
    'Cost and time',
    `a dot is a worker${unknown > 0 ? `; ${unknown} of unknown cost are missing` : ''}`,
    picture,
  );
}

const tokenKinds = [
  {
    name: 'from the cache',
    colour: 'var(--cached)',
    of: (worker: ReportWorker) => worker.usage.cache_read_input_tokens,
  },
  {
    name: 'into the cache',
    colour: 'var(--model)',
    of: (worker: ReportWorker) => worker.usage.cache_creation_input_tokens,
  },
  { name: 'uncached', colour: 'var(--accent)', of: (worker: ReportWorker) => worker.usage.input_tokens },
  { name: 'replies', colour: 'var(--reply)', of: (worker: ReportWorker) => worker.usage.output_tokens },
] as const;

function tokens({ plot, draw }: Kit, workers: readonly ReportWorker[]): Html {
  const models = Map.groupBy(workers, (worker) => worker.model);
  const most = 6;
  const named = [...models].toSorted((a, b) => b[1].length - a[1].length);
  const shown =
    named.length > most
      ? [...named.slice(0, most - 1), ['others', named.slice(most - 1).flatMap(([, own]) => own)] as const]
      : named;
  const bars = shown.flatMap(([model, own]) =>
    tokenKinds.map(({ name, of }) => ({
      model,
      kind: name,
      tokens: own.reduce((sum, worker) => sum + of(worker), 0),
    })),
  );
  const all = workers.reduce((sum, { usage }) => sum + promptTokens(usage), 0);
  const cached = workers.reduce((sum, { usage }) => sum + usage.cache_read_input_tokens, 0);
  const picture = draw({
    height: 64 + shown.length * 34,
    marginTop: 8,
    marginLeft: 134,
    x: { label: 'tokens', grid: true, tickFormat: (d: number) => short(d), ticks: 4 },
    y: { label: null, domain: shown.map(([model]) => model), tickFormat: (model: string) => label(model) },
    color: { domain: tokenKinds.map(({ name }) => name), range: tokenKinds.map(({ colour }) => colour) },
    marks: [plot.barX(bars, { x: 'tokens', y: 'model', fill: 'kind', insetTop: 3, insetBottom: 3 })],
  });
  const keys = html`<ul class="legend">
    ${tokenKinds.map(
      ({ name, colour }) =>
        html`<li>
          <svg viewBox="0 0 10 10" aria-hidden="true"><rect fill="${colour}" width="10" height="10" rx="2" /></svg
          >${name}
        </li>`,
    )}
  </ul>`;
  return figure(
    'Tokens by model',
    `${percent(cached, all)} of the prompts came from the cache`,
    html`${keys}${picture}`,
  );
}
