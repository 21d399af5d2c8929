// Owns: the model data as the lines of `aworkers models`.
import type { ModelRow } from './app-config.ts';
import type { FactTable } from './model/facts.ts';
import { priceAt } from './model/price.ts';

export function modelRows(facts: FactTable, now: Date): readonly ModelRow[] {
  return facts.models.map((model) => {
    const band = priceAt(model.prices, now)?.bands[0];
    const aliases = Object.entries(facts.aliases).filter(([, id]) => id === model.id);
    return {
      id: model.id,
      aliases: [...aliases.map(([alias]) => alias), ...model.snapshots],
      context_window: model.context_window,
      max_output_tokens: model.max_tokens,
      thinking: model.thinking.types,
      sampling: model.sampling_api_versions.length > 0 ? ['temperature', 'top_p', 'top_k'] : [],
      effort: model.effort.levels,
      input_usd: band?.input ?? null,
      output_usd: band?.output ?? null,
      cache_read_usd: band?.cache_read ?? null,
      cache_write_5m_usd: band?.cache_write_5m ?? null,
      retires_at: model.lifecycle.retires_on,
    };
  });
}
