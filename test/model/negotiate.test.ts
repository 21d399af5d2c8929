// Negotiation: every combination keeps its promises; the rules one by one; strict refuses.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AworkersError } from '../../src/contract/errors.ts';
import type { Notice, WorkerOptions } from '../../src/contract/options.ts';
import type { ModelSettings } from '../../src/contract/task.ts';
import { loadFacts } from '../../src/model/facts.ts';
import { negotiate, optionsOnResume } from '../../src/model/negotiate.ts';
import { combinations, knownIds } from './combinations.ts';

const facts = loadFacts();
const now = new Date('2026-11-20T12:00:00Z');
const anthropic = { anthropic: true, baseUrl: 'https://api.anthropic.com' };
const other = { anthropic: false, baseUrl: 'http://localhost:11434' };

function ask(options: WorkerOptions, more: { host?: typeof other; previous?: ModelSettings } = {}) {
  return negotiate({ options, facts, host: more.host ?? anthropic, now, previous: more.previous });
}

/** What of an option is on the wire. */
function sent(settings: ModelSettings, option: string): unknown {
  if (option === 'model') return settings.model;
  if (option === 'max_tokens') return settings.max_tokens;
  if (option === 'effort') return (settings.body['output_config'] as { effort?: string } | undefined)?.effort;
  return settings.body[option];
}

/** The wire value means what was asked, so that no notice is due. */
function asAsked(option: string, asked: unknown, wire: unknown): boolean {
  if (option !== 'thinking') return asked === wire;
  const { type, budget_tokens } = (wire ?? {}) as { type?: string; budget_tokens?: number };
  if (asked === true) return type === 'adaptive' || type === 'enabled';
  if (asked === false) return type === 'disabled';
  return type === 'enabled' && budget_tokens === (asked as { budget_tokens: number }).budget_tokens;
}

test('every combination on every model: untouched options arrive unchanged, each change has exactly one notice', () => {
  const ids = [undefined, ...knownIds(facts), 'claude-haiku-4', 'somebody/model', 'claude-3-opus-20240229'];
  let count = 0;
  for (const host of [anthropic, other]) {
    for (const options of combinations(ids)) {
      count += 1;
      const { settings, notices } = ask(options, { host });
      const wrong = problemsOf(options, settings, notices, host.anthropic);
      if (wrong.length > 0)
        assert.fail(`${JSON.stringify({ options, host, settings, notices }, null, 1)}\n${wrong.join('\n')}`);
    }
  }
  assert.equal(count, ids.length * 2 * 3 * 3 * 2 * 5 * 4 * 4);
});

function problemsOf(
  options: WorkerOptions,
  settings: ModelSettings,
  notices: readonly Notice[],
  isAnthropic: boolean,
): string[] {
  const wrong: string[] = [];
  for (const option of ['temperature', 'top_p', 'top_k', 'thinking', 'effort', 'max_tokens'] as const) {
    const of = notices.filter((notice) => notice.option === option);
    const asked = options[option];
    const wire = sent(settings, option);
    if (asked === undefined) {
      if (of.length > 0) wrong.push(`${option}: a notice that nobody asked for`);
      const mayStand = option === 'thinking' || option === 'effort' || option === 'max_tokens';
      if (wire !== undefined && !mayStand) wrong.push(`${option}: sent unasked`);
    } else if (asAsked(option, asked, wire)) {
      if (of.length > 0) wrong.push(`${option}: unchanged, but has a notice`);
    } else if (of.length !== 1) {
      wrong.push(`${option}: changed, with ${of.length} notices`);
    } else {
      const { effort: _, ...said } = (of[0]?.sent ?? {}) as { effort?: string };
      const told = option === 'thinking' && of[0]?.sent !== null ? said : of[0]?.sent;
      if (JSON.stringify(told) !== JSON.stringify(wire ?? null))
        wrong.push(`${option}: the notice says ${JSON.stringify(told)}`);
    }
  }
  const samples = ['temperature', 'top_p', 'top_k'].some((name) => name in settings.body);
  if ((samples || !isAnthropic) && settings.api_version !== '2023-06-01') wrong.push('the wrong API version');
  if (notices.some(({ reason }) => reason === '')) wrong.push('a notice without a reason');
  return wrong;
}

test('every combination under strict: refused exactly when something would change', () => {
  for (const options of combinations([
    undefined,
    'claude-opus-5',
    'claude-sonnet-4-6',
    'claude-haiku-4-5',
    'claude-sonnet-5-5',
  ])) {
    const changes = ask(options).notices.filter(({ option }) => option !== 'model');
    const strict = () => ask({ ...options, strict: true });
    if (changes.length === 0) assert.doesNotThrow(strict, JSON.stringify(options));
    else
      assert.throws(
        strict,
        (error) =>
          error instanceof AworkersError &&
          error.code === 'usage' &&
          changes.every(({ option }) => error.message.includes(option)),
      );
  }
});

type Row = {
  readonly intent: string;
  readonly options: WorkerOptions;
  readonly body: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<ModelSettings>;
  /** option -> sent */
  readonly notices?: Readonly<Record<string, unknown>>;
};

const summarized = { type: 'adaptive', display: 'summarized' };

const rows: readonly Row[] = [
  {
    intent: 'no option: the default model under the newest version, its text between tool calls readable',
    options: {},
    settings: { model: 'claude-sonnet-5-5', api_version: '2026-10-21', max_tokens: 32_000, max_tokens_cap: 128_000 },
    body: { thinking: summarized },
  },
  {
    intent: 'sampling without a model: the model that takes it, said',
    options: { temperature: 0 },
    settings: { model: 'claude-sonnet-4-6', api_version: '2023-06-01' },
    body: { temperature: 0 },
    notices: { model: 'claude-sonnet-4-6' },
  },
  {
    intent: 'seed pattern 3: top_p and top_k together',
    options: { top_p: 0.95, top_k: 100 },
    settings: { model: 'claude-sonnet-4-6' },
    body: { top_p: 0.95, top_k: 100 },
    notices: { model: 'claude-sonnet-4-6' },
  },
  {
    intent: 'seed pattern 4: thinking off becomes the least the default model has',
    options: { thinking: false },
    settings: { model: 'claude-sonnet-5-5' },
    body: { thinking: { type: 'between_tools' } },
    notices: { thinking: { type: 'between_tools' } },
  },
  {
    intent: 'seed pattern 4: thinking on',
    options: { thinking: true, max_tokens: 8192 },
    settings: { model: 'claude-sonnet-5-5', max_tokens: 8192 },
    body: { thinking: summarized },
  },
  {
    intent: 'seed pattern 7: thinking wins over temperature and a top_p below 0.95; the model retires soon',
    options: { model: 'claude-sonnet-4-5', temperature: 0.7, max_tokens: 8192, thinking: true, top_p: 0.9 },
    settings: {
      model: 'claude-sonnet-4-5',
      api_version: '2026-10-21',
      betas: ['interleaved-thinking-2025-05-14'],
      max_tokens: 8192,
      max_tokens_cap: 64_000,
    },
    body: { thinking: { type: 'enabled', budget_tokens: 4096 } },
    notices: { model: 'claude-sonnet-4-5', temperature: null, top_p: null },
  },
  {
    intent: 'the skill example: claude-haiku-4 and everything at once',
    options: { model: 'claude-haiku-4', temperature: 0.5, max_tokens: 8192, thinking: true, top_p: 0.9, top_k: 50 },
    settings: { model: 'claude-haiku-4-5', betas: [] },
    body: { thinking: { type: 'enabled', budget_tokens: 4096 } },
    notices: { model: 'claude-haiku-4-5', temperature: null, top_p: null, top_k: null },
  },
  {
    intent: 'temperature wins over top_p',
    options: { model: 'claude-opus-4-6', temperature: 0.2, top_p: 0.5, top_k: 5 },
    body: { temperature: 0.2, top_k: 5 },
    notices: { top_p: null },
  },
  {
    intent: 'top_p within 0.95 and 1 stays with thinking',
    options: { model: 'claude-haiku-4-5', thinking: true, temperature: 0.2, top_p: 0.97 },
    settings: { api_version: '2023-06-01' },
    body: { thinking: { type: 'enabled', budget_tokens: 16_000 }, top_p: 0.97 },
    notices: { temperature: null },
  },
  {
    intent: 'temperature 1 stays with thinking, and then wins over top_p',
    options: { model: 'claude-haiku-4-5', thinking: true, temperature: 1, top_p: 0.97 },
    body: { thinking: { type: 'enabled', budget_tokens: 16_000 }, temperature: 1 },
    notices: { top_p: null },
  },
  {
    intent: 'a budget where budgets are taken goes as asked, max_tokens making room',
    options: { model: 'claude-opus-4-6', thinking: { budget_tokens: 60_000 } },
    settings: { max_tokens: 68_000 },
    body: { thinking: { type: 'enabled', budget_tokens: 60_000 } },
  },
  {
    intent: 'a budget above an asked max_tokens shrinks',
    options: { model: 'claude-opus-4-6', thinking: { budget_tokens: 60_000 }, max_tokens: 8_000 },
    settings: { max_tokens: 8_000 },
    body: { thinking: { type: 'enabled', budget_tokens: 6_000 } },
    notices: { thinking: { type: 'enabled', budget_tokens: 6_000 } },
  },
  {
    intent: 'no room for the least budget: thinking off',
    options: { model: 'claude-haiku-4-5', thinking: true, max_tokens: 1_000 },
    body: { thinking: { type: 'disabled' } },
    notices: { thinking: { type: 'disabled' } },
  },
  {
    intent: 'a budget where only adaptive thinking is taken becomes an effort',
    options: { model: 'claude-opus-4-8', thinking: { budget_tokens: 4_000 } },
    body: { thinking: summarized, output_config: { effort: 'low' } },
    notices: { thinking: { ...summarized, effort: 'low' } },
  },
  {
    intent: 'an asked effort stays beside a budget that becomes adaptive',
    options: { model: 'claude-opus-4-8', thinking: { budget_tokens: 4_000 }, effort: 'max' },
    body: { thinking: summarized, output_config: { effort: 'max' } },
    notices: { thinking: summarized },
  },
  {
    intent: 'thinking off where effort limits it: the effort comes down',
    options: { model: 'claude-opus-5', thinking: false, effort: 'max' },
    body: { thinking: { type: 'disabled' }, output_config: { effort: 'high' } },
    notices: { effort: 'high' },
  },
  {
    intent: 'thinking off where it is always on',
    options: { model: 'claude-fable-5-2', thinking: false },
    body: {},
    notices: { thinking: null },
  },
  {
    intent: 'an effort between two levels takes the lower',
    options: { model: 'claude-sonnet-4-6', effort: 'xhigh' },
    body: { output_config: { effort: 'high' } },
    notices: { effort: 'high' },
  },
  {
    intent: 'effort where there is none',
    options: { model: 'claude-haiku-4-5', effort: 'low' },
    body: {},
    notices: { effort: null },
  },
  {
    intent: 'max_tokens above the cap',
    options: { model: 'claude-haiku-4-5', max_tokens: 100_000 },
    settings: { max_tokens: 64_000 },
    body: {},
    notices: { max_tokens: 64_000 },
  },
  {
    intent: 'an alias',
    options: { model: 'Opus' },
    settings: { model: 'claude-opus-5-5' },
    body: { thinking: summarized },
  },
  {
    intent: "an unknown id: all as typed under the old version, said on Anthropic's host",
    options: {
      model: 'claude-sonnet-9',
      temperature: 0.3,
      top_p: 0.2,
      effort: 'max',
      thinking: { budget_tokens: 2_000 },
    },
    settings: { model: 'claude-sonnet-9', api_version: '2023-06-01', max_tokens: 32_000, max_tokens_cap: null },
    body: {
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      temperature: 0.3,
      top_p: 0.2,
      output_config: { effort: 'max' },
    },
    notices: { model: 'claude-sonnet-9' },
  },
  {
    intent: 'a retired id goes as typed, said',
    options: { model: 'claude-opus-4-20250514', temperature: 0.3 },
    settings: { model: 'claude-opus-4-20250514', api_version: '2023-06-01' },
    body: { temperature: 0.3 },
    notices: { model: 'claude-opus-4-20250514' },
  },
];

for (const { intent, options, body, settings = {}, notices = {} } of rows) {
  test(`negotiation: ${intent}`, () => {
    const result = ask(options);
    assert.deepEqual(result.settings, { ...result.settings, ...settings, body });
    assert.deepEqual(Object.fromEntries(result.notices.map(({ option, sent }) => [option, sent])), notices);
    assert.equal(result.notices.length, Object.keys(notices).length);
  });
}

test('another host: the old version, no beta, no word about unknown ids, the same rules for known ones', () => {
  assert.deepEqual(ask({ model: 'qwen3-coder', thinking: true, temperature: 0.1 }, { host: other }), {
    settings: {
      model: 'qwen3-coder',
      api_version: '2023-06-01',
      betas: [],
      max_tokens: 32_000,
      max_tokens_cap: null,
      body: { thinking: { type: 'enabled', budget_tokens: 16_000 }, temperature: 0.1 },
    },
    notices: [],
  });
  const known = ask({ model: 'claude-opus-4-5', thinking: true, temperature: 0.1 }, { host: other });
  assert.deepEqual(known.settings.betas, []);
  assert.deepEqual(
    known.notices.map(({ option }) => option),
    ['temperature'],
  );
});

test('strict names the rule and the models that would accept', () => {
  const one = { model: 'claude-opus-5', temperature: 0.5, strict: true };
  assert.throws(() => ask(one), {
    code: 'usage',
    message: /^Refused \(strict\): claude-opus-5 .*temperature 0\.5: claude-opus-5 takes no sampling values/,
    hint: /^Models that accept all of it: claude-opus-4-6, claude-opus-4-5, claude-sonnet-4-6, claude-sonnet-4-5, claude-haiku-4-5\./,
  });
  const both = { model: 'claude-haiku-4-5', temperature: 0.5, top_p: 0.5, strict: true };
  assert.throws(() => ask(both), {
    hint: /^No one model accepts all of it\. Models by option: top_p: claude-opus-4-6/,
  });
  assert.throws(() => ask({ model: 'claude-haiku-4', strict: true }), { message: /claude-haiku-4-5 is the one/ });
});

test('a resumed worker keeps its model and API version, and says what that costs', () => {
  const first = ask({});
  const worker = { options: {}, settings: first.settings };
  const resumed = ask(optionsOnResume(worker, { temperature: 0.5 }), { previous: first.settings });
  assert.equal(resumed.settings.model, 'claude-sonnet-5-5');
  assert.equal(resumed.settings.api_version, '2026-10-21');
  assert.deepEqual(
    resumed.notices.map(({ option, sent }) => [option, sent]),
    [['temperature', null]],
  );

  const moved = ask(optionsOnResume(worker, { model: 'claude-sonnet-4-6', temperature: 0.5 }), {
    previous: first.settings,
  });
  assert.equal(moved.settings.api_version, '2026-10-21');
  assert.match(moved.notices[0]?.reason ?? '', /runs under API version 2026-10-21/);

  const sampled = ask({ temperature: 0.5 });
  const again = ask(optionsOnResume({ options: { temperature: 0.5 }, settings: sampled.settings }), {
    previous: sampled.settings,
  });
  assert.deepEqual(again, { settings: sampled.settings, notices: [] });
});

test('under between_tools the effort of a conversation stays', () => {
  const first = ask({ thinking: false, effort: 'low' });
  const options = optionsOnResume(
    { options: { thinking: false, effort: 'low' }, settings: first.settings },
    { effort: 'high' },
  );
  const resumed = ask(options, { previous: first.settings });
  assert.deepEqual(resumed.settings.body, first.settings.body);
  assert.deepEqual(
    resumed.notices.map(({ option, sent }) => [option, sent]),
    [
      ['thinking', { type: 'between_tools' }],
      ['effort', 'low'],
    ],
  );
});

test('output_schema goes natively where the model enforces it, closed; else it is left to the loop', () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1 }, tags: { type: 'array', items: { $ref: '#/$defs/tag' } } },
    required: ['n'],
    $defs: { tag: { type: 'object', properties: { name: { type: 'string' } } } },
  };
  const { settings, notices } = ask({ model: 'claude-opus-4-8', effort: 'low', output_schema: schema });
  assert.deepEqual(settings.body, {
    output_config: {
      effort: 'low',
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: { n: { type: 'integer' }, tags: { type: 'array', items: { $ref: '#/$defs/tag' } } },
          required: ['n'],
          $defs: { tag: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false } },
          additionalProperties: false,
        },
      },
    },
  });
  assert.deepEqual(notices, []);
  const open: readonly WorkerOptions['output_schema'][] = [
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'object', properties: { a: { type: 'string', not: { const: 'x' } } } },
    { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } },
    { type: 'object', properties: { a: { type: 'object', properties: {}, required: ['b'] } } },
    {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`k${n}`, { type: 'string' }])),
    },
    { type: 'array', items: { type: 'string' } },
  ];
  for (const output_schema of open) {
    assert.deepEqual(ask({ model: 'claude-opus-4-8', output_schema }).settings.body, {}, JSON.stringify(output_schema));
  }
  assert.deepEqual(ask({ model: 'somebody/model', output_schema: schema }).settings.body, {});
});
