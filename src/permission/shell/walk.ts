// Owns: finding everything a script would do: its simple commands, redirects and assignments, wherever they hide.
// Promises: visits every node of the parse, in the order bash would run them; what the parser did not understand is a
// problem and asks. Counts the commands twice, by two ways, and asks if they differ.
// Never: decides whether anything is allowed.
import { forEachChild, type ParsedScript, parse, type SyntaxNode } from 'unbash';
import { collectCommand, collectRedirect, collectWord } from './collect.ts';
import { arithmeticProblem, parameterProblem, testProblem } from './expressions.ts';
import { apart, children, maybe, type Place, problem, report } from './place.ts';
import type { Found, Simple } from './simple.ts';
import { copyState, forgetChanges, joinState, mayUnset, startState } from './state.ts';
import { walkArithmeticFor, walkFor, walkFunction } from './walk-compound.ts';

const maxLength = 10_000;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const invisible = /[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/;

/** `cwd` undefined: the directory is not known, so no relative path is. */
export function findCommands(source: string, cwd: string | undefined, home: string): readonly Found[] {
  if (source.length > maxLength) return [problem(source, `is longer than ${maxLength} characters`)];
  const odd = invisible.exec(source)?.[0]?.codePointAt(0);
  if (odd !== undefined) return [problem(source, `contains an invisible character (${odd.toString(16)})`)];
  const script = parse(source);
  const found: Found[] = [];
  const probe = startState('/', home);
  forgetChanges(probe, [script]);
  const moves = probe.dirs === undefined;
  const unsets = mayUnset(script);
  walkScript(script, { text: source, state: startState(cwd, home), found, moves, unsets, visit: walk });
  const commands = found.filter((each) => each.type === 'command').length;
  const clean = !found.some((each) => each.type === 'problem');
  return clean && commands !== countCommands(script) ? [problem(source, 'is not fully understood')] : found;
}

function countCommands(node: SyntaxNode): number {
  let count = node.type === 'Command' && node.name !== undefined ? 1 : 0;
  forEachChild(node, (child) => (count += countCommands(child)));
  return count;
}

function walkScript(script: ParsedScript, place: Place): void {
  const [error] = script.errors ?? [];
  if (error !== undefined) return void place.found.push(problem(place.text, `is not valid bash: ${error.message}`));
  for (const statement of script.commands) walk(statement, { ...place, text: script.source ?? place.text });
}

function hasSubstitution(text: string): boolean {
  return /[`]|\$[({[]/.test(text.replaceAll(/\\[\s\S]/g, ''));
}

function walk(node: SyntaxNode, place: Place): void {
  const { state } = place;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- "satisfies Holder" below is the check
  switch (node.type) {
    case 'Statement':
      return node.background === true ? apart(place, [node.command]) : walk(node.command, place);
    case 'AndOr':
      return walkAndOr(node, place);
    case 'Pipeline':
      return walkPipeline(node, place);
    case 'Command':
      return collectCommand(node, place);
    case 'Redirect':
    case 'HereString':
    case 'HereDoc':
      return collectRedirect(node, place);
    case 'Redirected':
      node.redirects.forEach((redirect) => collectRedirect(redirect, place));
      return walk(node.command, place);
    case 'If':
      walk(node.clause, place);
      maybe(place, [node.then]);
      node.elif.forEach((branch) => maybe(place, [branch.clause, branch.then]));
      return node.else === undefined ? undefined : maybe(place, [node.else]);
    case 'While':
      forgetChanges(state, [node.clause, node.body]);
      return maybe(place, [node.clause, node.body]);
    case 'For':
    case 'Select':
      return walkFor(node, place);
    case 'ArithmeticFor':
      return walkArithmeticFor(node, place);
    case 'Case':
      collectWord(node.word, place);
      return node.items.forEach((item) => {
        item.pattern.forEach((pattern) => collectWord(pattern, place));
        maybe(place, [item.body]);
      });
    case 'Function':
      return walkFunction(node, place);
    case 'Coproc':
      state.vars.set(node.name?.value ?? 'COPROC', undefined);
      place.found.push({
        type: 'assignment',
        name: node.name?.value ?? 'coproc',
        text: `coproc ${node.name?.value ?? ''}`,
      });
      return apart(place, [node.body]);
    case 'Subshell':
      return apart(place, [node.body]);
    case 'TestCommand':
      report(place, node, testProblem(node.expression, state));
      return children(node, place);
    case 'ArithmeticCommand':
    case 'ArithmeticExpansion':
      report(place, node, arithmeticProblem(node.expression, state));
      children(node, place);
      return forgetChanges(state, [node]);
    case 'CommandExpansion':
    case 'ProcessSubstitution':
    case 'ArithmeticCommandExpansion':
      // The parser takes "#" right after a process substitution for a comment; bash reads on.
      if (node.script === undefined || place.text.charAt(node.end) === '#')
        return report(place, node, 'is not understood');
      return walkScript(node.script, { ...place, state: copyState(state), expanding: false });
    case 'Literal':
      return report(
        place,
        node,
        hasSubstitution(node.text) ? 'holds a substitution that is not understood' : undefined,
      );
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      // Whether quotes protect inside an expansion depends on what stands around it.
      if (place.expanding !== true || !hasSubstitution(node.text)) return;
      return report(place, node, 'holds a substitution that may not be quoted');
    case 'ParameterExpansion':
      report(place, node, parameterProblem(node, state));
      children(node, { ...place, expanding: true });
      if (node.operation?.type !== 'Default' || !node.operation.operator.includes('=')) return;
      place.found.push({ type: 'assignment', name: node.parameter, text: node.text });
      return void state.vars.set(node.parameter, undefined);
    case 'ArrayValue':
      for (const element of node.elements) {
        const subscript = element.text.startsWith('[') && !/^\[\d+\]\+?=/.test(element.text);
        report(place, element, subscript ? 'evaluates a subscript' : undefined);
      }
      return children(node, place);
    case 'ExtendedGlob':
      // The parser always knows these; a bash that was not told to reads the text in another way.
      return report(place, node, 'is an extended pattern');
    case 'Word':
      if (node.parts !== undefined) return children(node, place);
      return report(
        place,
        node,
        hasSubstitution(node.text) ? 'holds a substitution that is not understood' : undefined,
      );
    default:
      // Nodes that only hold others. Named one by one below, so that a node new to the parser is a type error.
      return children(node satisfies Holder, place);
  }
}

/** After "cd x &&" the shell is in x; after any other "cd x" it may also be where it was. */
function walkAndOr(node: Extract<SyntaxNode, { type: 'AndOr' }>, place: Place): void {
  const chain = node.operators.every((operator) => operator === '&&');
  if (!chain) return node.commands.forEach((command) => maybe(place, [command]));
  let state = place.state;
  node.commands.forEach((command, index) => {
    delete state.arrived;
    walk(command, { ...place, state });
    const { arrived } = state;
    if (index === 0) state = copyState(state);
    else joinState(place.state, state);
    if (arrived !== undefined) state.dirs = arrived;
  });
}

function walkPipeline(node: Extract<SyntaxNode, { type: 'Pipeline' }>, place: Place): void {
  const [only] = node.commands;
  if (node.commands.length === 1 && only !== undefined) return walk(only, place);
  let feeder: Simple | undefined;
  for (const command of node.commands) {
    const { feeder: _, ...rest } = place;
    apart(feeder === undefined ? rest : { ...rest, feeder }, [command]);
    const last = command.type === 'Command' ? place.found.findLast((each) => each.type === 'command') : undefined;
    feeder = last?.type === 'command' ? last.command : undefined;
  }
}

type Holder = Extract<
  SyntaxNode,
  {
    type:
      | 'ArithmeticBinary'
      | 'ArithmeticGroup'
      | 'ArithmeticTernary'
      | 'ArithmeticUnary'
      | 'ArithmeticWord'
      | 'Assignment'
      | 'BraceExpansion'
      | 'BraceGroup'
      | 'CaseItem'
      | 'CaseModification'
      | 'CompoundList'
      | 'Default'
      | 'DoubleQuoted'
      | 'Elif'
      | 'FileDescriptor'
      | 'FileDescriptorVariable'
      | 'Glob'
      | 'HereDocBody'
      | 'HereDocDelimiter'
      | 'LocaleString'
      | 'Names'
      | 'Negation'
      | 'Remove'
      | 'Replace'
      | 'Script'
      | 'SimpleExpansion'
      | 'Slice'
      | 'TestBinary'
      | 'TestGroup'
      | 'TestLogical'
      | 'TestNot'
      | 'TestUnary'
      | 'Time'
      | 'Transform'
      | 'Unknown'
      | 'Word';
  }
>;
