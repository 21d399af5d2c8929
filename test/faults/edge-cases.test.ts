// Every edge case is accounted for, and every test that the table names exists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { edgeCases } from './edge-cases.ts';

const count = 58;

/** A test of that name: a literal, or a template whose changing parts are literals of the same file (the rows of a table). */
function isDefined(source: string, name: string): boolean {
  if (isLiteral(source, name)) return true;
  return [...source.matchAll(/\btest\(`([^`]+)`/g)].some(([, template = '']) => {
    const parts = template.split(/\$\{[^}]+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    const match = new RegExp(`^${parts.join('(.+)')}$`).exec(name);
    return match !== null && match.slice(1).every((part) => isLiteral(source, part));
  });
}

function isLiteral(source: string, text: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${text}${quote}`));
}

function problemsOf(reference: string): string[] {
  const [, file = '', name = ''] = /^([\w/-]+): (.+)$/.exec(reference) ?? [];
  const source = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8');
  return isDefined(source, name) ? [] : [`${file}.test.ts has no test "${name}"`];
}

test(`all ${count} edge cases have a test or a reason why they cannot occur`, () => {
  assert.deepEqual(
    Object.keys(edgeCases).map(Number),
    Array.from({ length: count }, (_, index) => index + 1),
  );
  const open = Object.entries(edgeCases).filter(([, entry]) => entry.tests.length === 0 && !entry.cannotOccur);
  assert.deepEqual(open, []);
});

test('every test that the table names exists', () => {
  assert.deepEqual(
    Object.values(edgeCases).flatMap(({ tests }) => tests.flatMap(problemsOf)),
    [],
  );
});

test('the check can fail: a name that nobody gave is missed', () => {
  assert.deepEqual(problemsOf('model/client: wire: carrier pigeon'), [
    'model/client.test.ts has no test "wire: carrier pigeon"',
  ]);
});
