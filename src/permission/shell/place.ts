// Owns: where the walk of a script stands, how it goes on from there, and how it notes a problem.
// Promises: a problem names the text it is about, cut to a readable length.
// Never: knows what a node means.
import { forEachChild, type SyntaxNode } from 'unbash';
import { clip } from '../../contract/text.ts';
import type { Found, Simple } from './simple.ts';
import { copyState, joinState, type State } from './state.ts';

export type Place = {
  /** The source that positions index. */
  readonly text: string;
  readonly state: State;
  readonly found: Found[];
  /** Somewhere in the whole script the directory may change. */
  readonly moves: boolean;
  /** Somewhere in the whole script a function may be removed: then a name may mean the program again. */
  readonly unsets: boolean;
  /** The command whose output is this one's input. */
  readonly feeder?: Simple;
  /** Inside a parameter expansion. */
  readonly expanding?: boolean;
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
  return { type: 'problem', text: clip(text, 200), reason };
}

/** Runs in this shell, but maybe not at all. */
export function maybe(place: Place, nodes: readonly SyntaxNode[]): void {
  const state = copyState(place.state);
  for (const node of nodes) place.visit(node, { ...place, state });
  joinState(place.state, state);
}

/** Runs in a copy of this shell, or at another time: what it changes is not seen here. */
export function apart(place: Place, nodes: readonly SyntaxNode[], state: State = copyState(place.state)): void {
  for (const node of nodes) place.visit(node, { ...place, state });
}

export function children(node: SyntaxNode, place: Place): void {
  forEachChild(node, (child) => place.visit(child, place));
}
