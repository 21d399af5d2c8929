// WebFetch rules: by host, as the URL standard reads it.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Decision } from '../../src/contract/permission.ts';
import { createPolicy } from '../../src/permission/index.ts';
import { tablePaths } from './paths-table.ts';

function verdict(url: unknown, allow: readonly string[], deny: readonly string[] = []) {
  const rules = [
    ...allow.map((text) => ({ decision: 'allow', text, source: 'cli' }) as const),
    ...deny.map((text) => ({ decision: 'deny', text, source: 'project' }) as const),
  ];
  const policy = createPolicy({ rules, mode: 'default', cwd: '/work', paths: tablePaths() });
  return policy.evaluate({ tool_use_id: 'x', tool: 'WebFetch', input: { url }, access: 'execute' });
}

const one = ['WebFetch(domain:example.com)'];
const wild = ['WebFetch(domain:*.example.com)'];

const cases: readonly (readonly [url: string, allow: readonly string[], deny: readonly string[], is: Decision])[] = [
  ['https://example.com/x', one, [], 'allow'],
  ['https://EXAMPLE.com.:8443/x', one, [], 'allow'],
  ['https://www.example.com/', one, [], 'ask'],
  ['https://example.com.evil.example/', one, [], 'ask'],
  ['https://example.com@evil.example/', one, [], 'ask'],
  ['https://evil.example/?example.com', one, [], 'ask'],
  ['https://notexample.com/', wild, [], 'ask'],
  ['https://a.b.example.com/', wild, [], 'allow'],
  ['https://example.com/', wild, [], 'ask'],
  ['https://a.example.com/', wild, ['WebFetch(domain:a.example.com)'], 'deny'],
  ['https://example.com/', ['WebFetch'], [], 'allow'],
  ['https://example.com/', ['WebFetch(domain:*)'], [], 'allow'],
  ['https://a_b.example.com/', ['WebFetch(domain:a_b.example.com)'], [], 'allow'],
  ['https://[2606:4700::1]/', ['WebFetch(domain:[2606:4700::1])'], [], 'allow'],
  ['http://2130706433/', ['WebFetch'], ['WebFetch(domain:127.0.0.1)'], 'deny'],
  ['file:///etc/passwd', ['WebFetch(domain:*)'], [], 'ask'],
];

for (const [url, allow, deny, decision] of cases) {
  test(`${url} with ${[...allow, ...deny].join(', ')}: ${decision}`, () => {
    assert.equal(verdict(url, allow, deny).decision, decision);
  });
}

const suggestions: readonly (readonly [url: unknown, rule: string | undefined])[] = [
  ['https://docs.example.com/a', 'WebFetch(domain:docs.example.com)'],
  ['https://[2606:4700::1]/', 'WebFetch(domain:[2606:4700::1])'],
  ['https://a_b.example/', 'WebFetch(domain:a_b.example)'],
  ['https://a!b.example/', undefined],
  ['file:///etc/passwd', undefined],
  ['not a url', undefined],
  [7, undefined],
];

for (const [url, rule] of suggestions) {
  test(`the rule offered for ${String(url)} is ${rule ?? 'none'}`, () => {
    const { decision, suggested_rule } = verdict(url, []);
    assert.deepEqual({ decision, suggested_rule }, { decision: 'ask', suggested_rule: rule });
  });
}
