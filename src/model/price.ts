// Owns: the cost of one reply in dollars, from its usage and the dated price of its model.
// Promises: exact to a millionth of a cent (whole picodollars inside); every token is billed at its own rate.
// Never: guesses: an id or a price that is not in the data is null, not 0.
import { promptTokens, type Usage } from '../contract/usage.ts';
import { type FactTable, factsOf, type ModelFacts } from './facts.ts';

type Price = ModelFacts['prices'][number];
type Band = Price['bands'][number];

export function priceOf(facts: FactTable, modelId: string, usage: Usage, at: Date): number | null {
  const price = priceAt(factsOf(modelId, facts)?.prices ?? [], at);
  if (price === undefined) return null;
  const band = bandFor(price, promptTokens(usage));
  // A reply without the split by lifetime: what is unsplit was written with the default lifetime of 5 minutes.
  const split = usage.ephemeral_5m_input_tokens + usage.ephemeral_1h_input_tokens;
  const unsplit = Math.max(0, usage.cache_creation_input_tokens - split);
  const pico =
    usage.input_tokens * perToken(band.input) +
    (usage.ephemeral_5m_input_tokens + unsplit) * perToken(band.cache_write_5m) +
    usage.ephemeral_1h_input_tokens * perToken(band.cache_write_1h) +
    usage.cache_read_input_tokens * perToken(band.cache_read) +
    usage.output_tokens * perToken(band.output) +
    usage.web_search_requests * Math.round(facts.web_search_usd * 1e12);
  return pico / 1e12;
}

/** The price in force at a moment. Before the first one known, the first: a clock may be wrong, the bill is not 0. */
export function priceAt(prices: readonly Price[], at: Date): Price | undefined {
  const dated = prices.toSorted((a, b) => startOf(a) - startOf(b));
  return dated.findLast((price) => startOf(price) <= at.getTime()) ?? dated[0];
}

function bandFor(price: Price, prompt: number): Band {
  const bands = price.bands.toSorted((a, b) => a.above_prompt_tokens - b.above_prompt_tokens);
  const [first] = bands;
  if (first === undefined) throw new RangeError('a price has at least one band'); // the schema guarantees it
  return bands.findLast((band) => prompt > band.above_prompt_tokens) ?? first;
}

function startOf(price: Price): number {
  return price.effective_from === null ? -Infinity : Date.parse(`${price.effective_from}T00:00:00Z`);
}

/** Dollars per million tokens -> picodollars per token. */
function perToken(dollars: number): number {
  return Math.round(dollars * 1e6);
}
