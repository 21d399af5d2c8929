// Owns: running an automaton over a text.
// Promises: each state is entered at most once at each position, so the work is states times characters at most; beyond
// maxSteps it throws a PatternError instead of going on.
import { type Automaton, PatternError, type State } from './automaton.ts';

export type Text = {
  readonly codes: readonly number[];
  /** Of each lookaround: 1 at the positions where it matches. */
  readonly looks: Map<Automaton, Uint8Array>;
  steps: number;
};

/** Some tenths of a second. */
const maxSteps = 10_000_000;

export function createText(text: string, unicode: boolean): Text {
  const codes = unicode
    ? Array.from(text, (character) => character.codePointAt(0) ?? 0)
    : Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return { codes, looks: new Map(), steps: 0 };
}

/** Whether it matches anywhere. */
export function isMatch(automaton: Automaton, text: Text): boolean {
  return ends(automaton, text, true).includes(1);
}

/** 1 at every position where a match ends that began anywhere before it, in the direction of the automaton. */
function ends({ states, start, backwards }: Automaton, text: Text, firstOnly: boolean): Uint8Array {
  const { codes } = text;
  const found = new Uint8Array(codes.length + 1);
  const enteredAt = new Int32Array(states.length).fill(-1);
  let waiting: State[] = [];
  for (let step = 0; step <= codes.length; step += 1) {
    const at = backwards ? codes.length - step : step;
    const read = codes[backwards ? at : at - 1];
    const open = [start];
    for (const state of waiting) {
      if (state.type === 'character' && read !== undefined && state.fits(read)) open.push(state.next);
    }
    waiting = [];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = states[index];
      if (state === undefined || enteredAt[index] === step) continue;
      enteredAt[index] = step;
      text.steps += 1;
      if (text.steps > maxSteps) throw new PatternError('needs too much work for a text of this length');
      if (state.type === 'character') waiting.push(state);
      else if (state.type === 'end') found[at] = 1;
      else if (state.type === 'fork') open.push(...state.next);
      else if (holds(state, text, at)) open.push(state.next);
    }
    if (firstOnly && found[at] === 1) break;
  }
  return found;
}

function holds(state: Extract<State, { type: 'position' | 'look' }>, text: Text, at: number): boolean {
  if (state.type === 'position') return state.holds(text.codes[at - 1], text.codes[at]);
  const known = text.looks.get(state.automaton) ?? ends(state.automaton, text, false);
  text.looks.set(state.automaton, known);
  return (known[at] === 1) === state.wanted;
}
