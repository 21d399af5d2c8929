// Every request that negotiation can make is accepted by the scripted API, which holds the models' rules in a table of its own.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { WorkerOptions } from '../../src/contract/options.ts';
import type { ModelSettings } from '../../src/contract/task.ts';
import { loadFacts } from '../../src/model/facts.ts';
import { negotiate } from '../../src/model/negotiate.ts';
import { modelTable, permissiveModel, reply, type ScriptedApi, withApi } from '../fakes/messages-api.ts';
import { combinations, knownIds } from './combinations.ts';

const facts = loadFacts();
const now = new Date('2026-11-20T12:00:00Z');
const hosts = [
  { anthropic: true, baseUrl: 'https://api.anthropic.com' },
  { anthropic: false, baseUrl: 'http://127.0.0.1' },
];
const models = [...modelTable, permissiveModel('somebody/model')];

/** The refusal, or undefined when the request was accepted. */
async function send(api: ScriptedApi, settings: ModelSettings): Promise<string | undefined> {
  const { model, api_version, betas, max_tokens, body } = settings;
  const response = await fetch(`${api.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'test',
      'anthropic-version': api_version,
      ...(betas.length > 0 ? { 'anthropic-beta': betas.join(',') } : {}),
    },
    body: JSON.stringify({ model, max_tokens, messages: [{ role: 'user', content: 'Go.' }], ...body }),
  });
  const text = await response.text();
  return response.status === 200 ? undefined : `${response.status} ${text}`;
}

/** The different settings that the options lead to, each with the options that led there first. */
function settingsOf(all: Iterable<WorkerOptions>): Map<string, { options: WorkerOptions; settings: ModelSettings }> {
  const distinct = new Map<string, { options: WorkerOptions; settings: ModelSettings }>();
  for (const options of all) {
    for (const host of hosts) {
      const { settings } = negotiate({ options, facts, host, now });
      const key = JSON.stringify(settings);
      if (!distinct.has(key)) distinct.set(key, { options, settings });
    }
  }
  return distinct;
}

async function refusals(all: Iterable<WorkerOptions>): Promise<{ readonly sent: number; readonly refused: string[] }> {
  const requests = [...settingsOf(all).values()];
  const refused: string[] = [];
  await withApi({ models, script: () => reply('ok'), refusalsExpected: true }, async (api) => {
    for (let from = 0; from < requests.length; from += 50) {
      const part = requests.slice(from, from + 50);
      const answers = await Promise.all(part.map(({ settings }) => send(api, settings)));
      answers.forEach((answer, index) => {
        if (answer !== undefined) refused.push(`${JSON.stringify(part[index])}: ${answer}`);
      });
    }
  });
  return { sent: requests.length, refused };
}

test('the scripted API accepts every combination of options on every model', async () => {
  const { sent, refused } = await refusals(combinations([undefined, ...knownIds(facts), 'claude-haiku-4']));
  assert.deepEqual(refused.slice(0, 5), []);
  assert.ok(sent > 1_000, `${sent} different requests`);
});

test('the check can fail: the same options as typed are refused', async () => {
  await withApi({ models, script: () => reply('ok'), refusalsExpected: true }, async (api) => {
    const { settings } = negotiate({ options: { model: 'claude-opus-5' }, facts, host: hosts[0]!, now });
    assert.match((await send(api, { ...settings, body: { temperature: 0.5 } })) ?? '', /temperature: Extra inputs/);
    const old = { ...settings, api_version: '2023-06-01' };
    assert.match((await send(api, { ...old, body: { temperature: 0.5 } })) ?? '', /deprecated/);
    assert.match(
      (await send(api, { ...old, body: { thinking: { type: 'enabled', budget_tokens: 2000 } } })) ?? '',
      /not supported/,
    );
  });
});

test('an id that is not in the data goes as typed; a server that knows it accepts what it was made for', async () => {
  const options: readonly WorkerOptions[] = [
    { model: 'somebody/model', temperature: 0.5, top_k: 3, effort: 'max', thinking: false },
    { model: 'somebody/model', thinking: { budget_tokens: 60_000 } },
    { model: 'somebody/model', thinking: true, max_tokens: 4_000 },
  ];
  assert.deepEqual((await refusals(options)).refused, []);
});

test('an output schema in its native form is accepted', async () => {
  const output_schema = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1 }, note: { type: ['string', 'null'] } },
    required: ['n'],
  };
  const options = facts.models.map(({ id }) => ({ model: id, output_schema }));
  const { refused } = await refusals(options);
  assert.deepEqual(refused, []);
});

test('strict sends nothing when it refuses', async () => {
  await withApi({ models, script: () => reply('ok') }, async (api) => {
    const options = { model: 'claude-opus-5', temperature: 0.5, strict: true };
    const spawn = async () => send(api, negotiate({ options, facts, host: hosts[0]!, now }).settings);
    await assert.rejects(spawn(), { code: 'usage' });
    assert.deepEqual(api.requests, []);
  });
});

test('the data and the table of the scripted API name the same models and agree on caps and cache minima', () => {
  const mine = facts.models.map((model) => ({
    id: model.id,
    also: model.snapshots,
    context: model.context_window,
    maxOutput: model.max_tokens,
    cacheMinimum: model.cache_minimum,
    sampling: model.sampling_api_versions.length > 0,
  }));
  const theirs = mine
    .map(({ id }) => modelTable.find((row) => row.id === id))
    .map(
      (row) =>
        row && {
          id: row.id,
          also: row.also,
          context: row.context,
          maxOutput: row.maxOutput,
          cacheMinimum: row.cacheMinimum,
          sampling: row.sampling !== 'no',
        },
    );
  assert.deepEqual(mine, theirs);
  assert.equal(modelTable.length, mine.length);
});
