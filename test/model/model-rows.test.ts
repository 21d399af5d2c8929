// The rows of `aworkers models`, and the host rule.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadFacts } from '../../src/model/facts.ts';
import { hostOf } from '../../src/model/host.ts';
import { modelRows } from '../../src/model/model-rows.ts';

const rows = modelRows(loadFacts(), new Date('2026-11-20T00:00:00Z'));

test('a row says all of a model; the one that retires within 60 days is marked', () => {
  assert.deepEqual(
    rows.find(({ id }) => id === 'claude-sonnet-4-5'),
    {
      id: 'claude-sonnet-4-5',
      aliases: ['claude-sonnet-4-5-20250929'],
      context_window: 200_000,
      max_output_tokens: 64_000,
      thinking: ['off', 'enabled'],
      sampling: ['temperature', 'top_p', 'top_k'],
      effort: [],
      default_effort: null,
      structured_output: true,
      cache_minimum: 1024,
      input_usd: 3,
      output_usd: 15,
      cache_read_usd: 0.3,
      cache_write_5m_usd: 3.75,
      cache_write_1h_usd: 6,
      higher_price_above: null,
      price_source: 'pricing page',
      retires_at: '2026-11-30',
      retires_soon: true,
      replacement: 'claude-sonnet-5-5',
    },
  );
  assert.deepEqual(
    rows.filter(({ retires_soon }) => retires_soon).map(({ id }) => id),
    ['claude-sonnet-4-5'],
  );
});

test('prices are those in force; unknown ones are null; a price by prompt size is said', () => {
  const of = (id: string) => rows.find((row) => row.id === id);
  assert.equal(of('claude-sonnet-5-5')?.cache_read_usd, 0.1);
  assert.deepEqual([of('claude-haiku-5-5')?.input_usd, of('claude-haiku-5-5')?.higher_price_above], [0.1, 100_000]);
  assert.deepEqual([of('claude-mythos-preview')?.input_usd, of('claude-mythos-preview')?.price_source], [null, null]);
  assert.deepEqual(of('claude-opus-5-5')?.aliases, ['opus']);
});

test('hosts: Anthropic by name, everything else is not', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, true],
    ['https://api.anthropic.com/', true],
    ['https://API.Anthropic.com:443/v1', true],
    ['http://127.0.0.1:8080', false],
    ['https://api.anthropic.com.example.org', false],
    ['https://notanthropic.com', false],
    ['nonsense', false],
  ];
  assert.deepEqual(
    cases.map(([url]) => hostOf(url).anthropic),
    cases.map(([, anthropic]) => anthropic),
  );
});
