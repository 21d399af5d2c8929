// Owns: the facts of every model as one flat row each, for people and scripts (`aworkers models`).
// Promises: prices in force at `now`, of the lowest band; null where the data has none.
// Never: formats.
import { daysToRetirement, type FactTable, type ModelFacts, soonDays } from './facts.ts';
import { priceAt } from './price.ts';

export type ModelRow = {
  readonly id: string;
  /** Words that stand for it, then other ids of the same model. */
  readonly aliases: readonly string[];
  readonly context_window: number;
  readonly max_output_tokens: number;
  /** What it does unasked first: a type, or "off". */
  readonly thinking: readonly string[];
  readonly sampling: readonly string[];
  readonly effort: readonly string[];
  readonly default_effort: string | null;
  readonly structured_output: boolean;
  readonly cache_minimum: number;
  readonly input_usd: number | null;
  readonly output_usd: number | null;
  readonly cache_read_usd: number | null;
  readonly cache_write_5m_usd: number | null;
  readonly cache_write_1h_usd: number | null;
  /** Prompt tokens above which other prices hold; null: one price. */
  readonly higher_price_above: number | null;
  readonly price_source: string | null;
  readonly retires_at: string | null;
  readonly retires_soon: boolean;
  readonly replacement: string | null;
};

export function modelRows(facts: FactTable, now: Date): readonly ModelRow[] {
  return facts.models.map((model) => {
    const price = priceAt(model.prices, now);
    const band = price?.bands.find(({ above_prompt_tokens: above }) => above === 0);
    const higher = price?.bands.map((other) => other.above_prompt_tokens).filter((above) => above > 0) ?? [];
    const days = daysToRetirement(model, now);
    return {
      id: model.id,
      aliases: [...aliasesOf(model.id, facts), ...model.snapshots],
      context_window: model.context_window,
      max_output_tokens: model.max_tokens,
      thinking: thinkingOf(model),
      sampling: model.sampling_api_versions.length > 0 ? ['temperature', 'top_p', 'top_k'] : [],
      effort: model.effort.levels,
      default_effort: model.effort.default,
      structured_output: model.structured_output,
      cache_minimum: model.cache_minimum,
      input_usd: band?.input ?? null,
      output_usd: band?.output ?? null,
      cache_read_usd: band?.cache_read ?? null,
      cache_write_5m_usd: band?.cache_write_5m ?? null,
      cache_write_1h_usd: band?.cache_write_1h ?? null,
      higher_price_above: higher.length > 0 ? Math.min(...higher) : null,
      price_source: price?.source ?? null,
      retires_at: model.lifecycle.retires_on,
      retires_soon: days !== null && days <= soonDays,
      replacement: model.lifecycle.replacement,
    };
  });
}

function aliasesOf(id: string, facts: FactTable): string[] {
  return Object.keys(facts.aliases).filter((alias) => facts.aliases[alias] === id);
}

function thinkingOf({ thinking }: ModelFacts): string[] {
  const types = thinking.types.toSorted((a, b) => Number(b === thinking.default) - Number(a === thinking.default));
  return thinking.default === 'off' ? ['off', ...types.filter((type) => type !== 'disabled')] : types;
}
