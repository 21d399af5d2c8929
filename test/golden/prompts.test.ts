// The system prompts are product text: a change shows here as a diff. Update with AWORKERS_UPDATE_GOLDEN=1.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { environmentContext } from '../../src/environment-context.ts';
import { explorePrompt, generalPurposePrompt, rolePrompt } from '../../src/prompts.ts';

const texts = {
  'general-purpose.txt': generalPurposePrompt,
  'explore.txt': explorePrompt,
  'role.txt': rolePrompt('You are a security auditor.'),
  'environment.txt': environmentContext({
    cwd: '/home/ann/project',
    platform: 'linux',
    date: new Date('2026-11-20T23:59:59Z'),
    isGit: true,
    branch: 'main',
    additionalDirectories: ['/home/ann/shared'],
  }),
};

for (const [name, text] of Object.entries(texts)) {
  test(`golden: ${name}`, () => {
    const path = fileURLToPath(new URL(`./prompts/${name}`, import.meta.url));
    if (process.env['AWORKERS_UPDATE_GOLDEN'] === '1') writeFileSync(path, `${text}\n`);
    assert.equal(`${text}\n`, readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
  });
}

test('the prompts stay under 400 tokens each', () => {
  for (const text of [generalPurposePrompt, explorePrompt, rolePrompt('')]) assert.ok(text.length / 4 < 400);
});

test('nothing that differs between workers stands in a system prompt', () => {
  for (const text of [generalPurposePrompt, explorePrompt, rolePrompt('')]) {
    assert.doesNotMatch(text, /\b20\d\d\b|\/work|\/home|[0-9a-f]{8}-/);
  }
});
