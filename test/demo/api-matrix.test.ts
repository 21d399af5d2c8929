// What every model accepts, asked over HTTP, against a table written down a second time from the published facts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { modelTable, type ScriptedApi, startScriptedApi, text, verdict } from '../fakes/messages-api.ts';

/** thinking types | thinking with effort max | efforts | sampling | forced tool choice (plain, enabled) | prefill | cap */
const expected: Readonly<Record<string, string>> = {
  'claude-fable-5-2': 'A - | LMHXM | none | no no | no | 128000',
  'claude-mythos-5-2': 'A - | LMHXM | none | no no | no | 128000',
  'claude-fable-5-1': 'A - | LMHXM | none | no no | no | 128000',
  'claude-mythos-5-1': 'A - | LMHXM | none | no no | no | 128000',
  'claude-fable-5': 'A - | LMHXM | none | no no | no | 128000',
  'claude-mythos-5': 'A - | LMHXM | none | no no | no | 128000',
  'claude-mythos-preview': 'AE - | LMHXM | none | no no | no | 128000',
  'claude-opus-5-5': 'A - | LMHXM | none | no no | no | 128000',
  'claude-opus-5': 'AD - | LMHXM | none | yes no | no | 128000',
  'claude-sonnet-5-5': 'AB - | LMHXM | none | no no | no | 128000',
  'claude-haiku-5-5': 'AD - | LMHXM | none | yes no | no | 128000',
  'claude-sonnet-5': 'AD D | LMHXM | none | yes no | no | 128000',
  'claude-opus-4-8': 'AD D | LMHXM | none | yes no | no | 128000',
  'claude-opus-4-7': 'AD D | LMHXM | none | yes no | no | 128000',
  'claude-opus-4-6': 'AED D | LMHM | TPK | yes no | no | 128000',
  'claude-sonnet-4-6': 'AED D | LMHM | TPK | yes no | no | 128000',
  'claude-opus-4-5': 'ED - | LMH | TPK | yes no | yes | 64000',
  'claude-sonnet-4-5': 'ED - | - | TPK | yes no | yes | 64000',
  'claude-haiku-4-5': 'ED - | - | TPK | yes no | yes | 64000',
};

const thinkings = {
  A: { type: 'adaptive' },
  E: { type: 'enabled', budget_tokens: 1024 },
  D: { type: 'disabled' },
  B: { type: 'between_tools' },
};
const user = { role: 'user', content: 'hi' };
const tools = [{ name: 'Read', input_schema: { type: 'object' } }];

async function accepts(api: ScriptedApi, model: string, extra: object): Promise<boolean> {
  return (await verdict(api, { model, max_tokens: 2000, messages: [user], ...extra })) === '200';
}

async function row(api: ScriptedApi, model: string): Promise<string> {
  const ok = (extra: object): Promise<boolean> => accepts(api, model, extra);
  const letters = async (table: Record<string, object>): Promise<string> => {
    const taken = [];
    for (const [letter, extra] of Object.entries(table)) if (await ok(extra)) taken.push(letter[0]);
    return taken.join('') || '-';
  };
  const yes = async (extra: object): Promise<string> => ((await ok(extra)) ? 'yes' : 'no');
  const effort = (level: string): object => ({ output_config: { effort: level } });
  const off = Object.fromEntries(
    (['D', 'B'] as const).map((letter) => [letter, { thinking: thinkings[letter], ...effort('max') }]),
  );
  const sampling = await letters({ T: { temperature: 0.5 }, P: { top_p: 0.9 }, K: { top_k: 5 } });
  const force = { tools, tool_choice: { type: 'any' } };
  let cap = 0;
  for (const max_tokens of [64_000, 128_000]) if (await ok({ max_tokens })) cap = max_tokens;
  assert.equal(await ok({ max_tokens: cap + 1 }), false, `${model} takes more than its cap`);
  return [
    `${await letters(Object.fromEntries(Object.entries(thinkings).map(([letter, thinking]) => [letter, { thinking }])))} ${await letters(off)}`,
    await letters({ L: effort('low'), M: effort('medium'), H: effort('high'), X: effort('xhigh'), M2: effort('max') }),
    sampling === '-' ? 'none' : sampling,
    `${await yes(force)} ${await yes({ ...force, thinking: thinkings.E })}`,
    await yes({ messages: [user, { role: 'assistant', content: 'I think' }] }),
    String(cap),
  ].join(' | ');
}

test('every model accepts exactly what is documented (2023-06-01)', async () => {
  const api = await startScriptedApi({ script: () => text('ok') });
  const found: Record<string, string> = {};
  for (const { id } of modelTable) found[id] = await row(api, id);
  assert.deepEqual(found, expected);
  await api.close();
});

test('under 2026-10-21 no model takes a sampling field, not even its default', async () => {
  const api = await startScriptedApi({ script: () => text('ok') });
  for (const { id } of modelTable) {
    for (const [field, value] of [
      ['temperature', 1],
      ['top_p', 1],
      ['top_k', 1],
    ] as const) {
      const body = { model: id, max_tokens: 100, messages: [user], [field]: value };
      const refused = `400 invalid_request_error: ${field}: Extra inputs are not permitted`;
      assert.equal(await verdict(api, body, { version: '2026-10-21' }), refused);
    }
  }
  await api.close();
});

test('sampling, thinking, effort and limits: the wording of each refusal, and the nearest thing that passes', async () => {
  const api = await startScriptedApi({ script: () => text('ok') });
  const when = 'when thinking is enabled or in adaptive mode';
  const enabled = { type: 'enabled', budget_tokens: 1024 };
  const closed = { type: 'object', properties: {}, additionalProperties: false };
  const format = (schema: object): object => ({ output_config: { format: { type: 'json_schema', schema } } });
  const cases: readonly [string, object, string][] = [
    ['claude-opus-4-7', { temperature: 0.3 }, '`temperature` is deprecated for this model.'],
    ['claude-opus-4-7', { temperature: 1, top_p: 0.99 }, ''],
    ['claude-opus-4-7', { top_k: 1 }, '`top_k` is deprecated for this model.'],
    [
      'claude-sonnet-4-6',
      { temperature: 0.3, top_p: 0.5 },
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    ],
    ['claude-sonnet-4-6', { temperature: 0.3, top_k: 5 }, ''],
    ['claude-sonnet-4-6', { temperature: 1.1 }, 'temperature: Input should be less than or equal to 1'],
    ['claude-sonnet-4-6', { temperature: -1 }, 'temperature: Input should be greater than or equal to 0'],
    ['claude-sonnet-4-6', { temperature: 'hot' }, 'temperature: Input should be a valid number'],
    ['claude-sonnet-4-6', { thinking: enabled, temperature: 0.5 }, `\`temperature\` may only be set to 1 ${when}.`],
    ['claude-sonnet-4-6', { thinking: { type: 'adaptive' }, temperature: 1 }, ''],
    [
      'claude-sonnet-4-6',
      { thinking: enabled, top_p: 0.9 },
      `\`top_p\` must be greater than or equal to 0.95 or unset ${when}.`,
    ],
    ['claude-sonnet-4-6', { thinking: enabled, top_p: 0.95 }, ''],
    ['claude-sonnet-4-6', { thinking: enabled, top_k: 5 }, `\`top_k\` must be unset ${when}.`],
    ['claude-sonnet-4-6', { thinking: { type: 'disabled' }, top_k: 5 }, ''],
    [
      'claude-haiku-4-5',
      { thinking: { ...enabled, budget_tokens: 1023 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      'claude-haiku-4-5',
      { thinking: { ...enabled, budget_tokens: 2000 } },
      '`max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
    ['claude-haiku-4-5', { thinking: { type: 'enabled' } }, 'thinking.budget_tokens: Field required'],
    ['claude-haiku-4-5', { thinking: { type: 'adaptive' } }, 'adaptive thinking is not supported on this model'],
    [
      'claude-opus-4-8',
      { thinking: enabled },
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    ],
    [
      'claude-sonnet-5-5',
      { thinking: { type: 'disabled' } },
      '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior. To turn thinking off send `{"type": "between_tools"}`.',
    ],
    [
      'claude-opus-5',
      { thinking: { type: 'between_tools' } },
      '"thinking.type.between_tools" is not supported for this model.',
    ],
    [
      'claude-opus-5',
      { thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
      '"thinking.type.disabled" is not supported with effort "max" for this model. Lower "output_config.effort" to "high" or use "thinking.type.adaptive".',
    ],
    ['claude-opus-5', { thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, ''],
    [
      'claude-sonnet-5-5',
      { thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } } },
      'thinking.adaptive.block_binding: Extra inputs are not permitted',
    ],
    [
      'claude-sonnet-5-5',
      { thinking: { type: 'adaptive', display: 'updates' } },
      'thinking.adaptive.display: Extra inputs are not permitted',
    ],
    ['claude-sonnet-5-5', { thinking: { type: 'adaptive', display: 'summarized' } }, ''],
    ['claude-haiku-4-5', { output_config: { effort: 'low' } }, 'This model does not support the effort parameter.'],
    [
      'claude-opus-4-6',
      { output_config: { effort: 'xhigh' } },
      "This model does not support effort level 'xhigh'. Supported levels: low, medium, high, max.",
    ],
    [
      'claude-opus-4-6',
      { output_config: { effort: 'huge' } },
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ],
    [
      'claude-opus-5',
      { max_tokens: 128_001 },
      'max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-opus-5',
    ],
    ['claude-opus-5', { max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    ['claude-opus-5', { max_tokens: -1 }, 'max_tokens: Input should be greater than or equal to 0'],
    ['claude-opus-5', { max_tokens: 0, stream: true }, 'max_tokens: 0 is not supported together with stream'],
    [
      'claude-fable-5-1',
      { tools, tool_choice: { type: 'any' } },
      'tool_choice: type "tool" and "any" are not supported for this model.',
    ],
    ['claude-fable-5-1', { tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, ''],
    [
      'claude-opus-4-5',
      { tools, tool_choice: { type: 'tool', name: 'Read' }, thinking: enabled },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
    [
      'claude-opus-4-5',
      { tools, tool_choice: { type: 'tool', name: 'Write' } },
      "Tool 'Write' not found in provided tools",
    ],
    ['claude-opus-4-5', { tool_choice: { type: 'auto' } }, 'tool_choice may only be specified while providing tools'],
    ['claude-opus-4-7', { speed: 'fast' }, "speed: 'fast' is not supported for this model."],
    ['claude-opus-4-8', { speed: 'fast' }, ''],
    [
      'claude-opus-5',
      format({ type: 'object', properties: {} }),
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      'claude-opus-5',
      format({ type: 'array', items: { type: 'object' } }),
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    ['claude-opus-5', format(closed), ''],
    ['claude-opus-5', { top_secret: 1 }, 'top_secret: Extra inputs are not permitted'],
    ['claude-opus-5', { context_management: { edits: [] } }, 'context_management: Extra inputs are not permitted'],
    ['claude-opus-5', { stop_sequences: 'x' }, 'stop_sequences: Input should be a valid list'],
    ['claude-opus-5', { metadata: { user: 'x' } }, 'metadata.user: Extra inputs are not permitted'],
    ['claude-opus-5', { service_tier: 'auto', stop_sequences: ['x'], metadata: { user_id: 'u' } }, ''],
  ];
  const found = [];
  for (const [model, extra] of cases) {
    found.push([model, extra, await verdict(api, { model, max_tokens: 2000, messages: [user], ...extra })]);
  }
  const wanted = cases.map(([model, extra, text]) => [
    model,
    extra,
    text === '' ? '200' : `400 invalid_request_error: ${text}`,
  ]);
  assert.deepEqual(found, wanted);
  await api.close();
});

test('a beta header opens its field: budgets beyond max_tokens, context management, display updates', async () => {
  const api = await startScriptedApi({ script: () => text('ok') });
  const cases: readonly [object, string][] = [
    [
      { model: 'claude-opus-4-5', thinking: { type: 'enabled', budget_tokens: 5000 } },
      'interleaved-thinking-2025-05-14',
    ],
    [{ model: 'claude-opus-5', context_management: { edits: [] } }, 'context-management-2025-06-27'],
    [{ model: 'claude-opus-5', compaction: { type: 'summarize' } }, 'compact-2026-09-04'],
    [
      { model: 'claude-opus-5', thinking: { type: 'adaptive', display: 'updates' } },
      'thinking-display-updates-2026-08-18',
    ],
  ];
  for (const [extra, beta] of cases) {
    const body = { max_tokens: 2000, messages: [user], ...extra };
    assert.notEqual(await verdict(api, body), '200');
    assert.equal(await verdict(api, body, { betas: [beta] }), '200');
  }
  await api.close();
});
