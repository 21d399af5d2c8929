// Owns: comparing our prices with an independent price library (a dev dependency, offline).
// Promises: lists every difference; exits 1 when one has no explanation here, or an explanation no longer has its difference.
// Never: changes our data, or runs in the product.
import { calcPrice } from '@pydantic/genai-prices';
import { loadFacts, type ModelFacts } from '../src/model/facts.ts';
import { priceAt } from '../src/model/price.ts';

const rates = {
  input: 'input_mtok',
  output: 'output_mtok',
  cache_write_5m: 'cache_write_mtok',
  cache_write_1h: 'cache_write_1h_mtok',
  cache_read: 'cache_read_mtok',
} as const;

/** Differences that were looked into. Review them when the library is updated. */
const explained: Readonly<Record<string, string>> = {
  'claude-fable-5-2: not in the library': 'newer than its data of 2026-09-23',
  'claude-mythos-5-2: not in the library': 'newer than its data of 2026-09-23',
  'claude-mythos-5-1: not in the library': 'it lists no Mythos; priced as Fable 5.1',
  'claude-mythos-5: not in the library': 'it lists no Mythos; priced as Fable 5',
  'claude-mythos-preview: not in the library': 'no public price; ours is unknown too',
  'claude-haiku-5-5: not in the library': 'newer than its data of 2026-09-23',
  'claude-sonnet-5-5: taken for claude-sonnet-5': 'it matches ids loosely; reads cost half of that since 2026-10-07',
  'claude-sonnet-4-5: the library has a price above 200000 tokens':
    'the 1M context beta, which this tool does not ask for; its window here is 200K',
};

const now = new Date();
const facts = loadFacts();
const differences = facts.models.flatMap((model) => compare(model));
const unexplained = differences.filter((difference) => explained[difference] === undefined);
const stale = Object.keys(explained).filter((difference) => !differences.includes(difference));

for (const difference of differences) console.log(`${difference} (${explained[difference] ?? 'NOT EXPLAINED'})`);
for (const difference of stale) console.log(`STALE explanation, no longer a difference: ${difference}`);
console.log(`${facts.models.length} models, ${differences.length} differences, ${unexplained.length} not explained`);
process.exitCode = unexplained.length + stale.length === 0 ? 0 : 1;

function compare(model: ModelFacts): string[] {
  const theirs = calcPrice({ input_tokens: 1 }, model.id, { providerId: 'anthropic', timestamp: now });
  if (theirs === null) return [`${model.id}: not in the library`];
  if (theirs.model.id !== model.id) return [`${model.id}: taken for ${theirs.model.id}`];
  const price = priceAt(model.prices, now);
  if (price === undefined) return [`${model.id}: no price here, one in the library`];
  const ours = price.bands.find((band) => band.above_prompt_tokens === 0);
  const wrong = Object.entries(rates).flatMap(([name, key]) => {
    const mine = ours?.[name as keyof typeof rates];
    const base = baseOf(theirs.model_price[key]);
    return mine === base ? [] : [`${model.id}: ${name} is ${mine} here, ${String(base)} in the library`];
  });
  const bands = price.bands.map((band) => band.above_prompt_tokens).filter((start) => start > 0);
  const tiers = tiersOf(theirs.model_price['input_mtok']).filter((start) => !bands.includes(start));
  return [...wrong, ...tiers.map((start) => `${model.id}: the library has a price above ${start} tokens`)];
}

function baseOf(price: unknown): unknown {
  return isTiered(price) ? price.base : price;
}

function tiersOf(price: unknown): number[] {
  return isTiered(price) ? price.tiers.map(({ start }) => start) : [];
}

type Tiered = { readonly base: number; readonly tiers: readonly { readonly start: number }[] };

function isTiered(price: unknown): price is Tiered {
  return typeof price === 'object' && price !== null && 'tiers' in price;
}
