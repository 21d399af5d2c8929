// The data file and a user's file over it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { noUsage } from '../../src/contract/usage.ts';
import { factsOf, loadFacts } from '../../src/model/facts.ts';
import { priceOf } from '../../src/model/price.ts';

const at = new Date('2026-11-20T00:00:00Z');

function withUser(table: unknown) {
  return loadFacts({ text: JSON.stringify(table), path: '/home/me/models.json' });
}

test('the data is consistent: ids are unique, aliases and replacements lead to known models', () => {
  const facts = loadFacts();
  const ids = facts.models.flatMap(({ id, snapshots }) => [id, ...snapshots]);
  const retired = facts.retired.flatMap(({ ids }) => ids);
  assert.equal(new Set([...ids, ...retired]).size, ids.length + retired.length);
  const targets = [
    facts.default_model,
    facts.sampling_model,
    ...Object.values(facts.aliases),
    ...Object.values(facts.corrections),
    ...facts.retired.map(({ replacement }) => replacement),
    ...facts.models.flatMap(({ lifecycle }) => lifecycle.replacement ?? []),
  ];
  assert.deepEqual(
    targets.filter((id) => factsOf(id, facts) === undefined),
    [],
  );
  const unlikely = facts.models.filter((model) => model.max_tokens >= model.context_window);
  assert.deepEqual(unlikely, []);
});

test('the data satisfies the schema of a user file, and says every key itself', () => {
  const facts = loadFacts();
  const web_search = { ...facts.web_search, models: [] }; // those of a user file are added
  assert.deepEqual(withUser({ ...facts, web_search }), facts);
});

test('a user file changes one fact of a known model and leaves the rest', () => {
  const before = loadFacts();
  const after = withUser({
    models: [{ id: 'claude-haiku-4-5', max_tokens: 10_000 }],
    aliases: { fast: 'claude-haiku-4-5' },
  });
  assert.deepEqual(factsOf('claude-haiku-4-5', after), { ...factsOf('claude-haiku-4-5', before), max_tokens: 10_000 });
  assert.deepEqual(after.aliases, { ...before.aliases, fast: 'claude-haiku-4-5' });
  assert.equal(after.models.length, before.models.length);
});

test('a user file adds a model that is like a known one, priced from it', () => {
  const facts = withUser({ models: [{ id: 'anthropic/claude-sonnet-4.6', like: 'claude-sonnet-4-6' }] });
  const usage = { ...noUsage, output_tokens: 1_000_000 };
  assert.equal(priceOf(facts, 'anthropic/claude-sonnet-4.6', usage, at), 15);
});

const bad: readonly (readonly [intent: string, table: unknown, message: RegExp])[] = [
  ['an unknown key at the top', { modles: [] }, /models\.json: unknown key "modles", did you mean "models"\?/],
  [
    'an unknown key of a model',
    { models: [{ id: 'claude-haiku-4-5', maxtokens: 1 }] },
    /models\.0: unknown key "maxtokens", did you mean "max_tokens"\?/,
  ],
  [
    'a wrong type, deep',
    { models: [{ id: 'claude-haiku-4-5', prices: [{ source: 'x', bands: [{ input: 'free' }] }] }] },
    /models\.0: prices\.0\.bands\.0\.input: /,
  ],
  ['a new model without its facts', { models: [{ id: 'mine' }] }, /models\.0: context_window: /],
  [
    'like an unknown model',
    { models: [{ id: 'mine', like: 'yours' }] },
    /models\.0\.like: "yours" is not a known model id/,
  ],
];

for (const [intent, table, message] of bad) {
  test(`a user file with ${intent} is refused by path`, () => {
    assert.throws(() => withUser(table), { code: 'usage', message });
  });
}

test('a user file that is not JSON is refused by name', () => {
  assert.throws(() => loadFacts({ text: '{', path: '/home/me/models.json' }), {
    code: 'usage',
    message: /^\/home\/me\/models\.json is not JSON/,
  });
});
