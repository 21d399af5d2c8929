// Owns: where the walk of a script stands, and how it notes a problem.
// Promises: a problem names the text it is about, cut to a readable length.
// Never: walks.
import type { SyntaxNode } from 'unbash';
import type { Found, Simple } from './simple.ts';
import type { State } from './state.ts';

export type Place = {
  /** The source that positions index. */
  readonly text: string;
  readonly state: State;
  readonly found: Found[];
  /** 0: runs exactly once and certainly, in this shell. */
  readonly depth: number;
  /** The command whose output is this one's input. */
  readonly feeder?: Simple;
  /** Walks one node: the way back into the walk from what is collected. */
  readonly visit: (node: SyntaxNode, place: Place) => void;
};

export function textOf(node: { readonly pos: number; readonly end: number }, place: Place): string {
  return place.text.slice(node.pos, node.end);
}

export function report(place: Place, node: SyntaxNode, reason: string | undefined): void {
  if (reason !== undefined) place.found.push(problem(textOf(node, place), reason));
}

export function problem(text: string, reason: string): Found {
  return { type: 'problem', text: text.length > 200 ? `${text.slice(0, 200)}…` : text, reason };
}
