// Regular expressions of strangers: what the built-in engine would say, without its time; what cannot be had is said beforehand.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { matchPattern, patternProblem, type PatternFlags } from '../../src/schema/pattern.ts';

test('patterns that a backtracking engine never finishes are answered, by steps and not by time', () => {
  const long = 'a'.repeat(5_000);
  const slow: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['(a+)+$', `${long}!`, false],
    ['^(a|a)*$', `${long}!`, false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', long, false],
    [String.raw`^(\w+\s?)*$`, `${'word '.repeat(1_000)}!`, false],
    ['^(?=(a*)*$)(?!(a|aa)+b).*$', `${long}!`, false],
    ['(?<=(a+)+b)c', `${long}c`, false],
    ['(a+)+$', long, true],
  ];
  for (const [pattern, text, matches] of slow) assert.equal(matchPattern(pattern, 'u', text), matches, pattern);
});

test('patterns of ordinary schemas: formats of zod, passwords, versions, keys', () => {
  const email = String.raw`^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`;
  const rows: readonly (readonly [pattern: string, good: string, bad: string])[] = [
    [email, 'a.b@example.org', 'a..b@example.org'],
    [String.raw`^(?=.*[A-Z])(?=.*\d).{8,64}$`, 'Passw0rd', 'password1'],
    [String.raw`^(?<major>0|[1-9]\d*)\.(\d+)\.(\d+)(?:-[\w.-]+)?$`, '1.20.3-rc.1', '01.2.3'],
    [String.raw`^\p{Lu}[\p{L}\s]*$`, 'Ésope reste ici', 'ésope'],
    [String.raw`^[^\s@]+$`, 'x', 'x y'],
    [String.raw`^\u{1F600}{2}\x41\/$`, '😀😀A/', '😀A/'],
    ['^.$', '😀', '\u2028'],
    [String.raw`\bfoo\b`, 'a foo b', 'afoob'],
    ['^$', '', 'x'],
  ];
  for (const [pattern, good, bad] of rows) {
    assert.deepEqual([matchPattern(pattern, 'u', good), matchPattern(pattern, 'u', bad)], [true, false], pattern);
  }
  assert.equal(matchPattern(String.raw`^- \w+$`, 'm', 'list:\n- one\n'), true);
  assert.equal(matchPattern(String.raw`^\-{1$`, 'm', '-{1'), true);
});

test('what cannot be matched with bounded work is refused, and says why', () => {
  const refused: Record<string, RegExp> = {
    [String.raw`^(a)\1$`]: /back reference \(\\1\)/,
    '(': /is not a regular expression \(.*[Uu]nterminated group/,
    [String.raw`\p{Nonsense}`]: /is not a regular expression/,
    '((a{100}){100}){6}': /more than 50000 states/,
    '(?:){999999999}': /more than 50000 states/,
    ['('.repeat(20_000)]: /longer than 10000 characters/,
  };
  for (const [pattern, problem] of Object.entries(refused)) assert.match(patternProblem(pattern, 'u') ?? '', problem);
  assert.equal(patternProblem(String.raw`^[a-z]{1,5000}$`, 'u'), undefined);
  const costly = matchPattern('(?:[ab]{1,4000}){2}c', 'u', 'ab'.repeat(50_000));
  assert.deepEqual(costly, { problem: 'needs too much work for a text of this length' });
});

const atoms = [
  'a',
  'b',
  '.',
  '^',
  '$',
  '[ab]',
  '[^a]',
  '\\b',
  '\\B',
  '\\w',
  '\\s',
  '\\d',
  '\\n',
  '😀',
  '\\u0041',
  '\\.',
];
const quantifiers = ['', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '??'];

/** Flag u allows no quantifier after an assertion. */
const { pattern: patterns } = fc.letrec<{ pattern: string; sequence: string; piece: string }>((tie) => ({
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
  sequence: fc.array(tie('piece'), { maxLength: 4 }).map((parts) => parts.join('')),
  piece: fc.oneof(
    { maxDepth: 2 },
    fc
      .tuple(fc.constantFrom(...atoms), fc.constantFrom(...quantifiers))
      .map(([atom, quantifier]) => (/^(\^|\$|\\[bB])$/.test(atom) ? atom : atom + quantifier)),
    fc
      .tuple(fc.constantFrom('(', '(?:'), tie('pattern'), fc.constantFrom(...quantifiers))
      .map(([open, inner, quantifier]) => `${open}${inner})${quantifier}`),
    fc.tuple(fc.constantFrom('(?=', '(?!', '(?<=', '(?<!'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
  ),
}));
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' ', '\n', '.', '1', '😀', 'é'), maxLength: 6 });

// Short texts: on longer ones the built-in engine gives up on some patterns, and then says that they do not match.
test('any pattern means what the built-in engine says it means', () => {
  fc.assert(
    fc.property(patterns, texts, fc.constantFrom<PatternFlags>('u', 'm'), (pattern, text, flags) => {
      assert.equal(matchPattern(pattern, flags, text), new RegExp(pattern, flags).test(text));
    }),
    { numRuns: 300 },
  );
});
