// Owns: JSON as people write it, comments and trailing commas included: its tree with offsets.
// Promises: malformed text is an error with line and column; a key that is given twice is one too (hosts would read the
// other one).
// Never: changes text.
import { getNodeValue, type Node, type ParseError, type ParseErrorCode, parseTree } from 'jsonc-parser';
import { AworkersError } from '../contract/errors.ts';
import type { Json } from './setting.ts';

export type { Node } from 'jsonc-parser';

/** `undefined`: there is no value in the text (nothing, or comments only). */
export function treeOf(text: string, shown: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [first] = errors;
  if (first !== undefined)
    throw malformed(text, first.offset, shown, `is not valid JSON: ${problems[first.error] ?? 'it cannot be read'}`);
  if (root !== undefined && root.type !== 'object') throw malformed(text, root.offset, shown, 'should hold an object');
  return root;
}

const problems: Readonly<Partial<Record<ParseErrorCode, string>>> = {
  1: 'an unexpected character',
  2: 'a number is malformed',
  3: 'a key in double quotes is missing',
  4: 'a value is missing',
  5: 'a ":" is missing',
  6: 'a "," is missing',
  7: 'a "}" is missing',
  8: 'a "]" is missing',
  9: 'there is more text after the end',
  11: 'a comment does not end',
  12: 'a string does not end',
  13: 'a number does not end',
  14: 'a \\u escape is malformed',
  15: 'an escape is malformed',
  16: 'a string holds a control character',
};

export function valueOf(root: Node | undefined): Json {
  return root === undefined ? {} : (getNodeValue(root) as Json);
}

/** The property node of a key. */
export function propertyOf(text: string, object: Node, key: string, shown: string): Node | undefined {
  const found = (object.children ?? []).filter(({ children }) => children?.[0]?.value === key);
  const again = found[1];
  if (again !== undefined) throw malformed(text, again.offset, shown, `gives "${key}" a second time`);
  return found[0];
}

export function nodeAt(text: string, root: Node | undefined, path: readonly string[], shown: string): Node | undefined {
  let node = root;
  for (const key of path) {
    if (node?.type !== 'object') return undefined;
    node = propertyOf(text, node, key, shown)?.children?.[1];
  }
  return node;
}

export function malformed(text: string, offset: number, shown: string, problem: string): AworkersError {
  const { line, column } = placeOf(text, offset);
  return new AworkersError(
    'usage',
    `${shown}:${line}:${column} ${problem}.`,
    'Nothing was written. Correct it, then try again.',
  );
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
