// Which models on which hosts have the API's own search, by the data and by a user's file.
import assert from 'node:assert/strict';
import test from 'node:test';
import { factsOf, loadFacts } from '../../src/model/facts.ts';
import { hostOf } from '../../src/model/host.ts';
import { webSearchTool } from '../../src/model/web-search.ts';

const tool = { type: 'web_search_20250305', name: 'web_search', max_uses: 10 };
const anthropic = hostOf();
const gateway = hostOf('https://gateway.example/v1');

function withUser(web_search: object) {
  return loadFacts({ text: JSON.stringify({ web_search }), path: '/home/me/models.json' });
}

test('every model that is named has facts', () => {
  const facts = loadFacts();
  assert.deepEqual(
    facts.web_search.models.filter((id) => factsOf(id, facts)?.id !== id),
    [],
  );
});

test('a known model at Anthropic has it, also under a dated id', () => {
  assert.deepEqual(webSearchTool('claude-sonnet-5-5', anthropic, loadFacts()), tool);
  assert.deepEqual(webSearchTool('claude-haiku-4-5-20251001', anthropic, loadFacts()), tool);
});

test('an unknown model and another host have it when the user says so', () => {
  const why = (tool: ReturnType<typeof webSearchTool>) => (typeof tool === 'string' ? tool : '');
  assert.match(why(webSearchTool('our-model', anthropic, loadFacts())), /^our-model is not known to have it\./);
  assert.match(
    why(webSearchTool('claude-opus-5', gateway, loadFacts())),
    /gateway\.example\/v1 is not Anthropic's own/,
  );
  const facts = withUser({ hosts: 'any', models: ['our-model'], tool: 'web_search_20260318' });
  assert.deepEqual(webSearchTool('our-model', gateway, facts), { ...tool, type: 'web_search_20260318' });
  assert.deepEqual(webSearchTool('claude-opus-5', gateway, facts), { ...tool, type: 'web_search_20260318' });
});
