// Owns: the charts of a sweep: cost and time of every worker, a row per combination.
// Promises: none where they would not be read: fewer than two combinations, or more than forty.
// Never: text that a model wrote.
import { figure, label, openKit, outcomeColours, timeAxis } from './chart-kit.ts';
import type { ReportInput, ReportWorker } from './input.ts';
import type { Html } from './markup.ts';
import { outcomeNames } from './overview.ts';
import { outcomeOf } from './totals.ts';

export async function sweepCharts({ sweep, workers }: ReportInput): Promise<readonly Html[]> {
  if (sweep === undefined || sweep.combinations.length < 2 || sweep.combinations.length > 40) return [];
  const kit = await openKit();
  // Rows are told apart by number: two cut labels can be equal.
  const names = sweep.combinations.map(({ combination }) => label(Object.values(combination).join(' · '), 34));
  const own = workers.flatMap((worker) => {
    const name = worker.task?.combination;
    return name === undefined ? [] : [{ name, worker, outcome: outcomeNames[outcomeOf(worker)] }];
  });
  const longest = own.reduce((most, { worker }) => Math.max(most, worker.duration_ms), 0);
  const axis = timeAxis(longest);
  const rows = (title: string, of: (worker: ReportWorker) => number | null): Html => {
    const values = own.flatMap(({ name, worker, outcome }) => {
      const value = of(worker);
      return value === null ? [] : [{ name, value, outcome }];
    });
    return kit.draw({
      height: 50 + names.length * 26,
      marginTop: 8,
      marginLeft: 16 + Math.max(...names.map((name) => name.length)) * 6.2,
      x: { label: title, zero: true, nice: true, grid: true, ticks: 5 },
      y: { label: null, domain: names.map((_, index) => index), tickFormat: (index: number) => names[index] ?? '' },
      color: outcomeColours,
      marks: [
        kit.plot.dot(values, { x: 'value', y: 'name', fill: 'outcome', fillOpacity: 0.55, r: 3.5 }),
        kit.plot.tickX(
          values,
          kit.plot.groupY({ x: 'median' }, { x: 'value', y: 'name', stroke: 'currentColor', strokeWidth: 2 }),
        ),
      ],
    });
  };
  return [
    figure(
      'Cost of each worker',
      'a dot is a worker, the bar their median',
      rows('cost ($)', (worker) => worker.total_cost_usd),
    ),
    figure(
      'Time of each worker',
      'a dot is a worker, the bar their median',
      rows(axis.label, (worker) => worker.duration_ms / 1000 / axis.unit),
    ),
  ];
}
