// Owns: the patterns of Bash(...) rules.
// Promises: "*" stands for any text; a trailing " *" or ":*" for nothing more, or a blank and any text; the rest is literal.
// Never: splits a command (the shell parse does).
import { matchesPieces } from '../contract/wildcard.ts';

export type CommandPattern = {
  /** Has no wildcard: it names one command, whole. */
  readonly exact: boolean;
  /** What every command it matches starts with. */
  readonly literal: string;
  readonly test: (text: string) => boolean;
};

export function commandPattern(spec: string): CommandPattern {
  const bounded = /^([\s\S]*?)(?: \*|:\*)$/.exec(spec);
  const body = bounded?.[1] ?? spec;
  const pieces = body.split(/(?<!\\)\*/).map((piece) => piece.replaceAll('\\*', '*'));
  const literal = pieces[0] ?? '';
  return {
    exact: bounded === null && pieces.length === 1,
    literal,
    test: (text) => {
      if (bounded === null) return matchesPieces(pieces, text);
      if (matchesPieces(pieces, text)) return true;
      // Some blank starts what the trailing wildcard stands for.
      return matchesPieces([...pieces.slice(0, -1), `${pieces.at(-1) ?? ''} `, ''], text);
    },
  };
}
