// Owns: the charts, drawn by Plot on a document of linkedom's, as static SVG.
// Promises: bounded: thousands of workers are binned, not drawn one by one; colours are the page's own, so that they follow
// light and dark; no style or script inside (the page's policy forbids both).
// Never: loaded before a report is made: Plot is half a megabyte.
import type * as PlotModule from '@observablehq/plot';
import { money, percent, short, time } from './format.ts';
import type { ReportInput, ReportWorker } from './input.ts';
import { type Html, html, trusted } from './markup.ts';
import { outcomeNames } from './overview.ts';
import { combinationName } from './sweep.ts';
import { outcomeOf, outcomes, promptTokens, type Totals } from './totals.ts';
import { printable } from '../contract/printable.ts';

type Draw = (options: PlotModule.PlotOptions) => Html;
type Kit = { readonly plot: typeof PlotModule; readonly draw: Draw };

async function openKit(): Promise<Kit> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const draw: Draw = (options) => {
    const svg = plot.plot({ document, className: 'plot', width: 440, height: 230, marginLeft: 56, marginRight: 16, ...options });
    for (const style of svg.querySelectorAll('style')) style.remove();
    for (const styled of svg.querySelectorAll('[style]')) styled.removeAttribute('style');
    svg.removeAttribute('font-family');
    return trusted(String(svg.outerHTML));
  };
  return { plot, draw };
}

const colours = {
  type: 'categorical',
  domain: outcomes.map((outcome) => outcomeNames[outcome]),
  range: ['var(--ok)', 'var(--bad)', 'var(--warn)', 'var(--idle)'],
} as const;

export async function chartsOf(workers: readonly ReportWorker[], totals: Totals): Promise<readonly Html[]> {
  const real = workers.filter((worker) => worker.worker_id !== null);
  if (real.length < 2) return [];
  const kit = await openKit();
  return [
    ...(totals.together && totals.clock !== null ? [atWork(kit, real, totals.clock)] : []),
    costAndTime(kit, real),
    tokens(kit, real),
  ];
}

function figure(title: string, note: string, picture: Html): Html {
  return html`<figure class="card chart"><figcaption><h2>${title}</h2><p class="note">${note}</p></figcaption>${picture}</figure>`;
}

/** How many workers ran at a time: a step up at every start, a step down at every end. */
function atWork({ plot, draw }: Kit, workers: readonly ReportWorker[], clock: { from: number; to: number }): Html {
  const changes = workers
    .flatMap((worker) => {
      const from = worker.spans.find((span) => span.kind !== 'queued')?.from;
      const to = worker.ended_at === null ? clock.to : Date.parse(worker.ended_at);
      return from === undefined ? [] : [{ at: from, by: 1 }, { at: Math.max(from, to), by: -1 }];
    })
    .toSorted((a, b) => a.at - b.at);
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
      plot.areaY(points, { x: (d) => d.at / axis.unit, y: 'count', curve: 'step-after', fill: 'var(--accent)', fillOpacity: 0.18 }),
      plot.lineY(points, { x: (d) => d.at / axis.unit, y: 'count', curve: 'step-after', stroke: 'var(--accent)', strokeWidth: 1.5 }),
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
    color: colours,
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
  return figure('Cost and time', `a dot is a worker${unknown > 0 ? `; ${unknown} of unknown cost are missing` : ''}`, picture);
}

const tokenKinds = [
  { name: 'from the cache', colour: 'var(--cached)', of: (worker: ReportWorker) => worker.usage.cache_read_input_tokens },
  { name: 'into the cache', colour: 'var(--wait)', of: (worker: ReportWorker) => worker.usage.cache_creation_input_tokens },
  { name: 'uncached', colour: 'var(--accent)', of: (worker: ReportWorker) => worker.usage.input_tokens },
  { name: 'replies', colour: 'var(--reply)', of: (worker: ReportWorker) => worker.usage.output_tokens },
] as const;

function tokens({ plot, draw }: Kit, workers: readonly ReportWorker[]): Html {
  const models = Map.groupBy(workers, (worker) => worker.model);
  const most = 6;
  const named = [...models].toSorted((a, b) => b[1].length - a[1].length);
  const shown = named.length > most ? [...named.slice(0, most - 1), ['others', named.slice(most - 1).flatMap(([, own]) => own)] as const] : named;
  const bars = shown.flatMap(([model, own]) =>
    tokenKinds.map(({ name, of }) => ({
      model: shorten(printable(model)),
      kind: name,
      tokens: own.reduce((sum, worker) => sum + of(worker), 0),
    })),
  );
  const all = workers.reduce((sum, { usage }) => sum + promptTokens(usage), 0);
  const cached = workers.reduce((sum, { usage }) => sum + usage.cache_read_input_tokens, 0);
  const picture = draw({
    height: 76 + shown.length * 34,
    marginLeft: 122,
    x: { label: 'tokens', grid: true, tickFormat: (d: number) => short(d), ticks: 4 },
    y: { label: null, domain: shown.map(([model]) => shorten(printable(model))) },
    color: { domain: tokenKinds.map(({ name }) => name), range: tokenKinds.map(({ colour }) => colour) },
    marks: [plot.barX(bars, { x: 'tokens', y: 'model', fill: 'kind', insetTop: 3, insetBottom: 3 })],
  });
  const keys = html`<ul class="legend">${tokenKinds.map(({ name, colour }) => html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect fill="${colour}" width="10" height="10" rx="2"/></svg>${name}</li>`)}</ul>`;
  return figure('Tokens by model', `${percent(cached, all)} of the prompts came from the cache`, html`${keys}${picture}`);
}

export async function sweepCharts({ sweep, workers }: ReportInput): Promise<readonly Html[]> {
  if (sweep === undefined || sweep.combinations.length < 2 || sweep.combinations.length > 40) return [];
  const kit = await openKit();
  const names = sweep.combinations.map((_, index) => shorten(printable(combinationName(sweep, index)), 34));
  const own = workers.flatMap((worker) => {
    const name = names[worker.task?.combination ?? -1];
    return name === undefined ? [] : [{ name, worker, outcome: outcomeNames[outcomeOf(worker)] }];
  });
  const longest = own.reduce((most, { worker }) => Math.max(most, worker.duration_ms), 0);
  const axis = timeAxis(longest);
  const rows = (label: string, of: (worker: ReportWorker) => number | null): Html => {
    const values = own.flatMap(({ name, worker, outcome }) => {
      const value = of(worker);
      return value === null ? [] : [{ name, value, outcome }];
    });
    return kit.draw({
      height: 50 + names.length * 26,
      marginLeft: 16 + Math.max(...names.map((name) => name.length)) * 5.6,
      x: { label, zero: true, nice: true, grid: true, ticks: 5 },
      y: { label: null, domain: names },
      color: colours,
      marks: [
        kit.plot.dot(values, { x: 'value', y: 'name', fill: 'outcome', fillOpacity: 0.55, r: 3.5 }),
        kit.plot.tickX(values, kit.plot.groupY({ x: 'median' }, { x: 'value', y: 'name', stroke: 'currentColor', strokeWidth: 2 })),
      ],
    });
  };
  return [
    figure('Cost of each worker', 'a dot is a worker, the bar their median', rows('cost ($)', (worker) => worker.total_cost_usd)),
    figure('Time of each worker', 'a dot is a worker, the bar their median', rows(axis.label, (worker) => worker.duration_ms / 1000 / axis.unit)),
  ];
}

function timeAxis(longestMs: number): { readonly label: string; readonly unit: number } {
  if (longestMs < 180_000) return { label: 'time (seconds)', unit: 1 };
  return longestMs < 7_200_000 ? { label: 'time (minutes)', unit: 60 } : { label: 'time (hours)', unit: 3600 };
}

function shorten(text: string, most = 20): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
