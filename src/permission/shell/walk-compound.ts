// Owns: the walk of loops and functions: code that may run again, later, or not at all.
// Promises: inside them nothing is known that a later pass could change.
// Never: decides.
import type { SyntaxNode } from 'unbash';
import { collectWord } from './collect.ts';
import { arithmeticProblem } from './expressions.ts';
import { apart, maybe, type Place, report } from './place.ts';
import { anyNumber, copyState, forgetChanges, isBuiltin, joinState, type State } from './state.ts';

export function walkFor(node: Extract<SyntaxNode, { type: 'For' | 'Select' }>, place: Place): void {
  const { state } = place;
  const values = node.wordlist?.flatMap((word) => collectWord(word, place).values);
  forgetChanges(state, [node.body]);
  const known = node.type === 'For' && values !== undefined && values.length <= 32 ? values : undefined;
  const usable = known?.every((value) => value.pieces.every((piece) => piece.type !== 'loose'));
  const inner = copyState(state);
  inner.vars.set(node.name.value, usable === true ? known : undefined);
  place.found.push({ type: 'assignment', name: node.name.value, text: `for ${node.name.value}` });
  place.visit(node.body, { ...place, state: inner });
  joinState(state, inner);
}

export function walkArithmeticFor(node: Extract<SyntaxNode, { type: 'ArithmeticFor' }>, place: Place): void {
  const parts = [node.initialize, node.test, node.update].filter((part) => part !== undefined);
  const first = node.initialize;
  if (first?.type === 'ArithmeticBinary' && first.operator === '=' && first.left.type === 'ArithmeticWord') {
    place.state.vars.set(first.left.value, anyNumber);
    place.found.push({ type: 'assignment', name: first.left.value, text: `${first.left.value}=` });
  }
  forgetChanges(place.state, [...parts, node.body]);
  for (const part of parts) {
    report(place, node, arithmeticProblem(part, place.state));
    place.visit(part, place);
  }
  maybe(place, [node.body]);
}

/** The body is judged once, where it stands, as code that may run anywhere and at any later time. */
export function walkFunction(node: Extract<SyntaxNode, { type: 'Function' }>, place: Place): void {
  const name = node.name.value;
  if (node.name.parts !== undefined || isBuiltin(name)) report(place, node.name, 'redefines a command of the shell');
  const { dirs } = place.state;
  forgetChanges(place.state, [node.body]);
  place.state.dirs = dirs;
  apart(place, [node.body], { ...copyState(place.state), vars: new Map(), dirs: place.moves ? undefined : dirs });
  const moved = { ...copyState(place.state), dirs: ['/'] as State['dirs'] };
  forgetChanges(moved, [node.body]);
  place.state.functions.set(name, moved.dirs === undefined);
}
