// Costs, each worked out by hand from the price list, to the millionth of a dollar.
import assert from 'node:assert/strict';
import test from 'node:test';
import { noUsage, type Usage } from '../../src/contract/usage.ts';
import { cacheMinimum, loadFacts, modelClass } from '../../src/model/facts.ts';
import { priceOf } from '../../src/model/price.ts';

const facts = loadFacts();
const november = new Date('2026-11-20T00:00:00Z');

type Row = readonly [intent: string, model: string, usage: Partial<Usage>, at: Date, dollars: number | null];

const rows: readonly Row[] = [
  // 1000 x 3 + 500 x 15 = 10500 millionths
  ['input and output', 'claude-sonnet-4-6', { input_tokens: 1_000, output_tokens: 500 }, november, 0.0105],
  // 7 x 3 + 3 x 15 = 66 millionths
  ['a few tokens, to the millionth', 'claude-sonnet-4-6', { input_tokens: 7, output_tokens: 3 }, november, 0.000066],
  [
    // 12 x 5 + 3000 x 6.25 + 1000 x 10 + 40000 x 0.5 + 800 x 25 = 60 + 18750 + 10000 + 20000 + 20000
    'both cache lifetimes, reads, thinking within the output',
    'claude-opus-4-8',
    {
      input_tokens: 12,
      output_tokens: 800,
      thinking_tokens: 600,
      cache_creation_input_tokens: 4_000,
      ephemeral_5m_input_tokens: 3_000,
      ephemeral_1h_input_tokens: 1_000,
      cache_read_input_tokens: 40_000,
    },
    november,
    0.06881,
  ],
  [
    // 4000 x 6.25
    'writes that the reply did not split count as 5 minutes',
    'claude-opus-4-8',
    { cache_creation_input_tokens: 4_000 },
    november,
    0.025,
  ],
  ['reads at the own rate of Opus 5.5', 'claude-opus-5-5', { cache_read_input_tokens: 1_000_000 }, november, 0.2],
  ['reads at the own rate of Fable 5.1', 'claude-fable-5-1', { cache_read_input_tokens: 1_000_000 }, november, 0.25],
  [
    'reads of Sonnet 5.5 before',
    'claude-sonnet-5-5',
    { cache_read_input_tokens: 1_000_000 },
    new Date('2026-10-06T23:59:59Z'),
    0.2,
  ],
  [
    'reads of Sonnet 5.5 since',
    'claude-sonnet-5-5',
    { cache_read_input_tokens: 1_000_000 },
    new Date('2026-10-07T00:00:00Z'),
    0.1,
  ],
  [
    // 60000 x 0.1 + 40000 x 0.01 + 1000 x 0.5 = 6000 + 400 + 500
    'Haiku 5.5 at exactly 100,000 prompt tokens',
    'claude-haiku-5-5',
    { input_tokens: 60_000, cache_read_input_tokens: 40_000, output_tokens: 1_000 },
    november,
    0.0069,
  ],
  [
    // 60001 x 0.5 + 40000 x 0.05 + 1000 x 2.5 = 30000.5 + 2000 + 2500
    'Haiku 5.5 one token above: the upper band for the whole request',
    'claude-haiku-5-5',
    { input_tokens: 60_001, cache_read_input_tokens: 40_000, output_tokens: 1_000 },
    november,
    0.0345005,
  ],
  ['web searches', 'claude-sonnet-4-6', { web_search_requests: 3 }, november, 0.03],
  ['a snapshot costs what its model costs', 'claude-haiku-4-5-20251001', { output_tokens: 1_000_000 }, november, 5],
  ['an unknown id', 'claude-haiku-4', { output_tokens: 1_000_000 }, november, null],
  ['a model without a public price', 'claude-mythos-preview', { output_tokens: 1 }, november, null],
  ['nothing used', 'claude-haiku-4-5', {}, november, 0],
];

for (const [intent, model, usage, at, dollars] of rows) {
  test(`price: ${intent}`, () => {
    assert.equal(priceOf(facts, model, { ...noUsage, ...usage }, at), dollars);
  });
}

test('lookups for the client: shortest cached prefix and rate-limit class', () => {
  assert.deepEqual(
    ['claude-sonnet-5-5', 'claude-opus-4-7', 'claude-haiku-4-5-20251001', 'gpt'].map((id) => cacheMinimum(id, facts)),
    [512, 2048, 4096, null],
  );
  assert.deepEqual(
    ['claude-opus-4-8', 'claude-opus-4-5-20251101', 'claude-opus-5', 'gpt'].map((id) => modelClass(id, facts)),
    ['claude-opus-4', 'claude-opus-4', 'claude-opus-5', 'gpt'],
  );
});
