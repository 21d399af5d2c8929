// Owns: `aworkers models`: the model data in force, built-in and of AWORKERS_MODELS_FILE.
// Promises: models that retire within 60 days are marked; unknown figures are shown as such, never as 0.
// Never: asks the API.
import type { ModelRow } from '../../app-config.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { withApp } from '../open.ts';
import { tableText } from '../table.ts';

const args = {
  format: { type: 'enum', options: ['text', 'json'], default: 'text', description: 'A table, or an array.' },
} as const satisfies Flags;

export default command({
  usage: ['models [flags]'],
  details: [
    'What each model takes and costs, as aworkers knows it. AWORKERS_MODELS_FILE overrides or extends the data. Prices are dollars per million tokens.',
  ],
  args,
  examples: [
    [`aworkers models --format json | jq '.[] | select(.sampling != [])'`, 'Models that take sampling options.'],
  ],
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: { 'logs-dir': undefined } }, async (app) => {
      const models = await app.models();
      if (flags.format === 'json') {
        out.json(JSON.stringify(models, null, 2));
        return exitCode.completed;
      }
      out.page(tableText(columns, models.map(cells)));
      for (const model of models.filter(({ retires_soon }) => retires_soon)) {
        const next = model.replacement === null ? '' : ` Use ${model.replacement}.`;
        out.page(out.paintPage('yellow', `! ${model.id} retires on ${model.retires_at ?? ''}.${next}`));
      }
      return exitCode.completed;
    }),
});

function cells(model: ModelRow): string[] {
  return [
    `${model.retires_soon ? '! ' : ''}${model.id}`,
    words(model.aliases),
    tokens(model.context_window),
    tokens(model.max_output_tokens),
    words(model.thinking),
    words(model.effort),
    words(model.sampling),
    price(model.input_usd),
    price(model.output_usd),
    price(model.cache_read_usd),
    price(model.cache_write_5m_usd),
  ];
}

function words(list: readonly string[]): string {
  return list.length === 0 ? '-' : list.join(' ');
}

function tokens(count: number): string {
  return count >= 1_000_000 ? `${count / 1_000_000}M` : `${Math.round(count / 1000)}k`;
}

function price(dollars: number | null): string {
  if (dollars === null) return '?';
  const exact = String(Number(dollars.toFixed(4)));
  return /\.\d{3,}$/.test(exact) ? exact : dollars.toFixed(2);
}

const columns = [
  { title: 'MODEL' },
  { title: 'ALIAS' },
  { title: 'CONTEXT', align: 'right' },
  { title: 'OUTPUT', align: 'right' },
  { title: 'THINKING' },
  { title: 'EFFORT' },
  { title: 'SAMPLING' },
  { title: '$IN', align: 'right' },
  { title: '$OUT', align: 'right' },
  { title: '$READ', align: 'right' },
  { title: '$WRITE', align: 'right' },
] as const;
