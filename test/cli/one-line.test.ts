// What a model writes must not steer the terminal of the person who is asked.
import assert from 'node:assert/strict';
import test from 'node:test';
import { oneLine } from '../../src/cli/one-line.ts';
import { printable } from '../../src/contract/printable.ts';

const table: readonly (readonly [intent: string, text: string, shown: string])[] = [
  ['plain text stays', 'héllo\n\twörld 👩‍💻', 'héllo\n\twörld 👩‍💻'],
  ['no cursor movement', 'rm -rf /\u001b[2K\u001b[1Gls', 'rm -rf /\\x1b[2K\\x1b[1Gls'],
  ['no overwriting of a line', 'rm -rf /\rls      ', 'rm -rf /\\x0dls      '],
  ['CRLF is a line break', 'a\r\nb', 'a\nb'],
  ['no backspace', 'rm\b\bls', 'rm\\x08\\x08ls'],
  ['no window title', '\u001b]0;x\u0007', '\\x1b]0;x\\x07'],
  ['no 8-bit controls', '\u009b2K', '\\x9b2K'],
  ['no reordering', 'echo \u202egnp.', 'echo \\u{202e}gnp.'],
  ['no invisible characters', 'r\u200bm\ufeff \u{e0041}', 'r\\u{200b}m\\u{feff} \\u{e0041}'],
  ['no false line breaks', 'a\u2028b', 'a\\u{2028}b'],
  ['half a character', 'a\ud800b', 'a\ufffdb'],
];

for (const [intent, text, shown] of table) {
  test(`printable: ${intent}`, () => assert.equal(printable(text), shown));
}

test('oneLine joins lines and cuts with an ellipsis, never in the middle of a character', () => {
  assert.equal(oneLine('a\n  b\tc', 10), 'a b c');
  assert.equal(oneLine('abcdefghij', 5), 'abcd…');
  assert.equal(oneLine('abc👩def', 5), 'abc…');
});
