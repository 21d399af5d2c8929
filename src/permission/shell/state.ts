// Owns: what is known at one point of a script: the directories it may be in, variables it set, functions it defined.
// Promises: knowledge only shrinks where paths join; a name that a loop may change is unknown inside it.
// Never: assumes anything of the environment but HOME and PWD.
import { forEachChild, type SyntaxNode } from 'unbash';
import { exactArg, readWord, textValue, type Value } from './word.ts';

export type State = {
  /** Absolute directories the shell may be in; undefined: anywhere. */
  dirs: readonly string[] | undefined;
  readonly vars: Map<string, readonly Value[] | undefined>;
  /** Name to "its body may change the directory". */
  readonly functions: Map<string, boolean>;
  /** Where the last command, a "cd", led if it succeeded. */
  arrived?: readonly string[];
  readonly home: string;
};

export function startState(cwd: string | undefined, home: string): State {
  return { dirs: cwd === undefined ? undefined : [cwd], vars: new Map(), functions: new Map(), home };
}

export function copyState(state: State): State {
  return { ...state, vars: new Map(state.vars), functions: new Map(state.functions) };
}

export function lookupIn(state: State): (name: string) => readonly Value[] | undefined {
  return (name) => {
    if (state.vars.has(name)) return state.vars.get(name);
    if (name === 'HOME') return [textValue(state.home)];
    if (name === 'PWD' && state.dirs?.length === 1) return state.dirs.map(textValue);
    return undefined;
  };
}

/** After a part that may or may not have run: what it changed is no longer known. */
export function joinState(state: State, branch: State): void {
  for (const [name, values] of branch.vars) if (state.vars.get(name) !== values) state.vars.set(name, undefined);
  state.dirs = unionDirs(state.dirs, branch.dirs);
}

export function unionDirs(a: State['dirs'], b: State['dirs']): State['dirs'] {
  if (a === undefined || b === undefined) return undefined;
  const union = [...new Set([...a, ...b])];
  return union.length > 16 ? undefined : union;
}

const setters = new Set(['read', 'mapfile', 'readarray', 'getopts', 'let', 'declare', 'typeset', 'local', 'readonly']);
const evaluators = new Set(['unset', 'eval', 'source', '.', 'printf', 'wait', 'builtin', 'command', 'export', 'trap']);
const movers = new Set(['cd', 'pushd', 'popd', 'builtin', 'command', 'eval', 'source', '.']);

/** Before code that may run again, or later, or not at all: forget what it may change. */
export function forgetChanges(state: State, nodes: readonly SyntaxNode[]): void {
  let forgets = false;
  const change = (node: SyntaxNode): void => {
    if (node.type === 'Assignment') widen(state, node.name, numeric(node.value));
    if (node.type === 'For' || node.type === 'Select') state.vars.set(node.name.value, undefined);
    if (node.type === 'FileDescriptorVariable') state.vars.set(node.name, undefined);
    if (node.type === 'ParameterExpansion' && node.operation?.type === 'Default')
      state.vars.set(node.parameter, undefined);
    if (node.type === 'ArithmeticWord' && state.vars.has(node.value.trim())) widen(state, node.value.trim(), true);
    if (node.type === 'Command') {
      const name = node.name === undefined ? ':' : (exactArg(readWord(node.name, () => undefined)) ?? '');
      if (name === '' || setters.has(name) || evaluators.has(name)) forgets = true;
      if (name === '' || movers.has(name)) state.dirs = undefined;
    }
    forEachChild(node, change);
  };
  nodes.forEach(change);
  if (forgets) forgetAll(state);
}

const unsetting = new Set(['unset', 'eval', 'source', '.']);

/** Whether a command in it may remove a function, also behind `command` or `builtin`. */
export function mayUnset(node: SyntaxNode): boolean {
  if (node.type === 'Command' && node.name !== undefined) {
    const words = [node.name, ...node.suffix.filter((each) => each.type === 'Word')];
    const [name, ...rest] = words.map((word) => exactArg(readWord(word, () => undefined)));
    if (name === undefined || unsetting.has(name) || rest.includes('unset')) return true;
  }
  let found = false;
  forEachChild(node, (child) => (found ||= mayUnset(child)));
  return found;
}

/** Every variable the script set becomes unknown, and stays so for arithmetic. */
export function forgetAll(state: State): void {
  for (const name of state.vars.keys()) state.vars.set(name, undefined);
}

export const anyNumber: readonly Value[] = [{ pieces: [{ type: 'number', text: '0' }] }];

function widen(state: State, name: string, staysNumber: boolean): void {
  const known = state.vars.get(name);
  const wasNumber = known?.every((value) => isNumber(value)) ?? !state.vars.has(name);
  state.vars.set(name, staysNumber && wasNumber ? anyNumber : undefined);
}

export function isNumber(value: Value): boolean {
  if (value.pieces.length === 0) return false;
  return value.pieces.every(
    (piece) => piece.type === 'number' || (piece.type === 'text' && /^-?\d+$/.test(piece.text)),
  );
}

function numeric(value: SyntaxNode): boolean {
  if (value.type !== 'Word') return false;
  if (value.parts === undefined) return /^-?\d+$/.test(value.value);
  return value.parts.length === 1 && value.parts[0]?.type === 'ArithmeticExpansion';
}

const builtins = new Set(
  `. : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable
  eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read
  readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait`.split(
    /\s+/,
  ),
);

export function isBuiltin(name: string): boolean {
  return builtins.has(name);
}
