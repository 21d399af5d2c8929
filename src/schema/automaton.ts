// Owns: from a parsed regular expression to a nondeterministic automaton.
// Promises: what one character matches is asked of the built-in engine, so classes, properties and case are exactly ECMA-262's;
// what surrounds it is states, so that nothing is ever tried twice (scan.ts). Lookarounds are automata of their own.
// Never: more than maxStates: a repetition is spelt out.
import type { AST } from '@eslint-community/regexpp';

export type Flags = {
  readonly unicode: boolean;
  readonly multiline: boolean;
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
};

/** A position lies between two characters: `before` and `after` are undefined at the ends. */
export type Holds = (before: number | undefined, after: number | undefined) => boolean;

export type State =
  | { readonly type: 'character'; readonly fits: Fits; readonly next: number }
  | { readonly type: 'fork'; readonly next: readonly number[] }
  | { readonly type: 'position'; readonly holds: Holds; readonly next: number }
  | { readonly type: 'look'; readonly automaton: Automaton; readonly wanted: boolean; readonly next: number }
  | { readonly type: 'end' };

/** `backwards`: it reads the text from its end, as a lookahead must to know all positions at which it holds in one pass. */
export type Automaton = { readonly states: readonly State[]; readonly start: number; readonly backwards: boolean };

/** What the pattern or the text asks for is too much; the message completes "the pattern ...". */
export class PatternError extends Error {}

const maxStates = 50_000;

type Alternatives = readonly AST.Alternative[];
type Fits = (code: number) => boolean;
/** Shared with the automata of lookarounds; equal characters share one test, and what it knows. */
type Room = { left: number; readonly characters: Map<string, Fits> };

export function buildAutomaton(alternatives: Alternatives, flags: Flags): Automaton {
  return build(alternatives, flags, false, { left: maxStates, characters: new Map() });
}

function build(alternatives: Alternatives, flags: Flags, backwards: boolean, room: Room): Automaton {
  const states: State[] = [];

  /** Also for what adds no state: an empty group may be repeated, too. */
  function spend(): void {
    room.left -= 1;
    if (room.left < 0) throw new PatternError(`needs more than ${maxStates} states: use smaller repetitions`);
  }

  function add(state: State): number {
    spend();
    return states.push(state) - 1;
  }

  function choice(list: Alternatives, next: number, own: Flags): number {
    const starts = list.map(({ elements }) => {
      const ordered = backwards ? elements : elements.toReversed(); // built from where it leads
      return ordered.reduce((after, element) => one(element, after, own), next);
    });
    return starts.length === 1 ? (starts[0] ?? next) : add({ type: 'fork', next: starts });
  }

  function one(node: AST.Element, next: number, own: Flags): number {
    switch (node.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return add({ type: 'character', fits: fitting(node.raw, own, room), next });
      case 'CapturingGroup':
        return choice(node.alternatives, next, own);
      case 'Group':
        return choice(node.alternatives, next, modified(own, node.modifiers));
      case 'Quantifier':
        return repeated(node, next, own);
      case 'Assertion':
        return assertion(node, next, own);
      case 'Backreference':
        throw new PatternError(`has a back reference (${node.raw}), which no bounded work can match`);
      case 'ExpressionCharacterClass':
        throw new PatternError(`has a class of another mode (${node.raw})`);
    }
  }

  function repeated({ element, min, max }: AST.Quantifier, next: number, own: Flags): number {
    let start = next;
    if (max === Infinity) {
      const loop: number[] = [next];
      start = add({ type: 'fork', next: loop });
      loop.push(one(element, start, own));
    } else {
      for (let more = max - min; more > 0; more -= 1) {
        start = add({ type: 'fork', next: [one(element, start, own), next] });
      }
    }
    for (let more = min; more > 0; more -= 1) {
      spend();
      start = one(element, start, own);
    }
    return start;
  }

  function assertion(node: AST.Assertion, next: number, own: Flags): number {
    if (node.kind === 'lookahead' || node.kind === 'lookbehind') {
      const automaton = build(node.alternatives, own, node.kind === 'lookahead', room);
      return add({ type: 'look', automaton, wanted: !node.negate, next });
    }
    return add({ type: 'position', holds: positionTest(node, own), next });
  }

  const end = add({ type: 'end' });
  const start = choice(alternatives, end, flags);
  return { states, start, backwards };
}

/** Codes that were asked about are remembered: a text has few different ones. */
function fitting(raw: string, flags: Flags, { characters }: Room): Fits {
  const letters = `${flags.unicode ? 'u' : ''}${flags.ignoreCase ? 'i' : ''}${flags.dotAll ? 's' : ''}`;
  const key = `${letters} ${raw}`;
  const made = characters.get(key);
  if (made !== undefined) return made;
  const pattern = new RegExp(`^(?:${raw})$`, letters);
  const known = new Map<number, boolean>();
  const fits: Fits = (code) => {
    const before = known.get(code);
    if (before !== undefined) return before;
    const now = pattern.test(flags.unicode ? String.fromCodePoint(code) : String.fromCharCode(code));
    known.set(code, now);
    return now;
  };
  characters.set(key, fits);
  return fits;
}

function modified(flags: Flags, modifiers: AST.Modifiers | null): Flags {
  if (modifiers === null) return flags;
  const { add, remove } = modifiers;
  const now = (name: 'multiline' | 'ignoreCase' | 'dotAll') => (flags[name] || add[name]) && remove?.[name] !== true;
  return { unicode: flags.unicode, multiline: now('multiline'), ignoreCase: now('ignoreCase'), dotAll: now('dotAll') };
}

const lineEnds: ReadonlySet<number | undefined> = new Set([0x0a, 0x0d, 0x2028, 0x2029]);

function positionTest(node: AST.EdgeAssertion | AST.WordBoundaryAssertion, flags: Flags): Holds {
  const isEdge = (code: number | undefined) => code === undefined || (flags.multiline && lineEnds.has(code));
  if (node.kind !== 'word') return (before, after) => isEdge(node.kind === 'start' ? before : after);
  const word = new RegExp(String.raw`^\w$`, flags.unicode && flags.ignoreCase ? 'ui' : '');
  const isWord = (code: number | undefined) => code !== undefined && word.test(String.fromCodePoint(code));
  return (before, after) => (isWord(before) !== isWord(after)) !== node.negate;
}
