// Owns: matching text of a model against a regular expression of a stranger.
// Promises: the syntax and meaning of ECMA-262 (but back references); work that grows with pattern times text, and has a limit:
// no pattern and no text can hold up this process. `patternProblem` says beforehand what cannot be matched so.
// Never: hands a whole pattern to the built-in, backtracking engine.
import { RegExpParser } from '@eslint-community/regexpp';
import { errorText } from '../contract/errors.ts';
import { type Automaton, buildAutomaton, PatternError } from './automaton.ts';
import { createText, isMatch } from './scan.ts';

/** 'u' as JSON Schema has it; 'm' as the checks of a task have it. */
export type PatternFlags = 'u' | 'm';

type Compiled = Automaton | { readonly problem: string };

const maxLength = 10_000;

/** Equal patterns compile to equal automata, so that one may stand for the other; forgotten all at once when there are many. */
const compiled = new Map<string, Compiled>();
const maxCompiled = 100;

/** Why the pattern cannot be used; undefined: it can. */
export function patternProblem(pattern: string, flags: PatternFlags): string | undefined {
  const found = automatonOf(pattern, flags);
  return 'problem' in found ? found.problem : undefined;
}

/** Whether the pattern matches somewhere in the text; a problem when that takes too much work to find out. */
export function matchPattern(
  pattern: string,
  flags: PatternFlags,
  text: string,
): boolean | { readonly problem: string } {
  const found = automatonOf(pattern, flags);
  if ('problem' in found) return found;
  try {
    return isMatch(found, createText(text, flags === 'u'));
  } catch (error) {
    if (error instanceof PatternError) return { problem: error.message };
    throw error;
  }
}

function automatonOf(pattern: string, flags: PatternFlags): Compiled {
  const key = `${flags}${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const made = compile(pattern, flags);
  if (compiled.size >= maxCompiled) compiled.clear();
  compiled.set(key, made);
  return made;
}

function compile(pattern: string, flags: PatternFlags): Compiled {
  if (pattern.length > maxLength) return { problem: `is longer than ${maxLength} characters` };
  const unicode = flags === 'u';
  try {
    const parser = new RegExpParser({ ecmaVersion: 2025 });
    const { alternatives } = parser.parsePattern(pattern, 0, pattern.length, { unicode });
    return buildAutomaton(alternatives, { unicode, multiline: !unicode, ignoreCase: false, dotAll: false });
  } catch (error) {
    if (error instanceof PatternError) return { problem: error.message };
    return { problem: `is not a regular expression (${errorText(error)})` }; // also one that is nested too deeply to parse
  }
}
