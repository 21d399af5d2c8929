// Owns: where in a file something is wrong, and all of it as one error.
// Promises: every problem is "file:line:column: text", in the order of the file, all of them at once.
// Never: reads a file.
import { AworkersError } from '../contract/errors.ts';

/** Line and column count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

export type PlacedProblem = Place & { readonly text: string };

/** A value out of a file, and where each part of it stands. */
export type Located = {
  readonly value: unknown;
  /** `ofKey`: of the key, where there is one, not of its value. */
  readonly placeOf: (path: readonly PropertyKey[], ofKey?: boolean) => Place;
};

export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The line and column of an offset. */
export function placeAt(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

export function placedError(problems: readonly PlacedProblem[]): AworkersError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems
    .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
    .map((problem) => `  ${placeText(problem)}: ${problem.text}`);
  return new AworkersError('usage', `${count} in the tasks:\n${lines.join('\n')}\n`, 'Nothing was sent.');
}
