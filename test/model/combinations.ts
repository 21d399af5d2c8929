// Every model of the data (snapshots, an unknown and a retired id beside them) with every combination of the options that reach the wire.
import type { WorkerOptions } from '../../src/contract/options.ts';
import type { FactTable } from '../../src/model/facts.ts';

const values = {
  temperature: [undefined, 0.5, 1],
  top_p: [undefined, 0.9, 0.97],
  top_k: [undefined, 40],
  thinking: [undefined, true, false, { budget_tokens: 2_000 }, { budget_tokens: 60_000 }],
  effort: [undefined, 'low', 'xhigh', 'max'],
  max_tokens: [undefined, 1_000, 8_192, 999_999],
} as const;

export function knownIds(facts: FactTable): string[] {
  return facts.models.flatMap(({ id, snapshots }) => [id, ...snapshots]);
}

/** `model` undefined: the default. Options that are undefined are left out. */
export function* combinations(models: readonly (string | undefined)[]): Generator<WorkerOptions> {
  for (const model of models)
    for (const temperature of values.temperature)
      for (const top_p of values.top_p)
        for (const top_k of values.top_k)
          for (const thinking of values.thinking)
            for (const effort of values.effort)
              for (const max_tokens of values.max_tokens) {
                const all = { model, temperature, top_p, top_k, thinking, effort, max_tokens };
                yield Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
              }
}
