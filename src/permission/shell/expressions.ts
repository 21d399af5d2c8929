// Owns: expressions that bash evaluates as code: arithmetic, [[ ]], and parameter expansions.
// Promises: whatever could run a command by being evaluated (subscripts, indirection, @P, unknown numbers) is a problem.
// Never: looks inside command substitutions; the walker does.
import type { ArithmeticExpression, ParameterExpansionPart, TestExpression, Word } from 'unbash';
import { assertNever } from '../../contract/errors.ts';
import { isHarmlessForShell } from './assignments.ts';
import { isNumber, lookupIn, type State } from './state.ts';
import { exactArg, readWord } from './word.ts';

const shellNumbers = new Set(['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'PPID', 'UID', 'EUID', 'BASHPID']);
const unknownNumber = 'evaluates a value that is not known to be a number, which can run a command';

/** undefined: it only computes. */
export function arithmeticProblem(expression: ArithmeticExpression | undefined, state: State): string | undefined {
  if (expression === undefined) return undefined;
  switch (expression.type) {
    case 'ArithmeticBinary':
      if (expression.operator === '=' && isName(expression.left)) return arithmeticProblem(expression.right, state);
      return arithmeticProblem(expression.left, state) ?? arithmeticProblem(expression.right, state);
    case 'ArithmeticUnary':
      return arithmeticProblem(expression.operand, state);
    case 'ArithmeticTernary':
      return [expression.test, expression.consequent, expression.alternate]
        .map((each) => arithmeticProblem(each, state))
        .find((problem) => problem !== undefined);
    case 'ArithmeticGroup':
      return arithmeticProblem(expression.expression, state);
    case 'ArithmeticCommandExpansion':
      return unknownNumber;
    case 'ArithmeticWord':
      return numberProblem(expression.value, expression.parts === undefined, expression, state);
    default:
      return assertNever(expression);
  }
}

function numberProblem(
  text: string,
  bare: boolean,
  word: { readonly parts?: Word['parts'] },
  state: State,
): string | undefined {
  if (bare) {
    if (/^\s*(\d\w*|\d+#[\w@]+)?\s*$/.test(text)) return undefined;
    return isNumberName(text.trim(), state) ? undefined : unknownNumber;
  }
  const [part, ...others] = word.parts ?? [];
  if (part === undefined || others.length > 0) return unknownNumber;
  if (part.type === 'ArithmeticExpansion') return undefined; // judged where it stands
  if (part.type === 'SimpleExpansion') return isNumberExpansion(part.text.slice(1), state) ? undefined : unknownNumber;
  if (part.type !== 'ParameterExpansion' || part.index !== undefined) return unknownNumber;
  if (part.prefix === '#' && part.operation === undefined) return undefined;
  const plain = part.prefix === undefined && part.operation === undefined;
  return plain && isNumberExpansion(part.parameter, state) ? undefined : unknownNumber;
}

/** The plain name of a variable that may be set. */
function isName(expression: ArithmeticExpression): boolean {
  if (expression.type !== 'ArithmeticWord' || expression.parts !== undefined) return false;
  const name = expression.value.trim();
  return /^[A-Za-z_]\w*$/.test(name) && isHarmlessForShell(name);
}

function isNumberExpansion(name: string, state: State): boolean {
  return /^[#?$!]$/.test(name) || isNumberName(name, state);
}

function isNumberName(name: string, state: State): boolean {
  if (state.vars.has(name)) return state.vars.get(name)?.every(isNumber) ?? false;
  return shellNumbers.has(name);
}

const arithmeticTests = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

export function testProblem(expression: TestExpression, state: State): string | undefined {
  switch (expression.type) {
    case 'TestUnary':
      if (expression.operator !== '-v' && expression.operator !== '-R') return undefined;
      return /^\w+$/.test(exactArg(readWord(expression.operand, lookupIn(state))) ?? '')
        ? undefined
        : 'tests a variable whose name or subscript is evaluated';
    case 'TestBinary': {
      if (!arithmeticTests.has(expression.operator)) return undefined;
      return operandProblem(expression.left, state) ?? operandProblem(expression.right, state);
    }
    case 'TestLogical':
      return expression.operands.map((each) => testProblem(each, state)).find((problem) => problem !== undefined);
    case 'TestNot':
      return testProblem(expression.operand, state);
    case 'TestGroup':
      return testProblem(expression.expression, state);
    default:
      return assertNever(expression);
  }
}

function operandProblem(word: Word, state: State): string | undefined {
  const arg = readWord(word, lookupIn(state));
  if (arg.values.every(isNumber)) return undefined;
  const [part, ...others] = unquoted(word);
  if (part === undefined || others.length > 0) return unknownNumber;
  return numberProblem(word.value, false, { parts: [part] }, state);
}

function unquoted(word: Word): readonly NonNullable<Word['parts']>[number][] {
  const [part] = word.parts ?? [];
  return part?.type === 'DoubleQuoted' && word.parts?.length === 1 ? part.parts : (word.parts ?? []);
}

/** Of the expansion itself; the words inside it are visited by the walker. */
export function parameterProblem(part: ParameterExpansionPart, state: State): string | undefined {
  if (part.prefix === '!' && part.operation?.type !== 'Names') return 'expands a variable by a name that is computed';
  if (part.index !== undefined && !/^([@*]|\d+)$/.test(part.index.text)) return 'evaluates a subscript';
  const operation = part.operation;
  switch (operation?.type) {
    case undefined:
    case 'Default':
    case 'Remove':
    case 'Replace':
    case 'CaseModification':
    case 'Names':
      return undefined;
    case 'Slice':
      return [operation.offset, operation.length]
        .filter((word) => word !== undefined)
        .map((word) => sliceProblem(word, state))
        .find((problem) => problem !== undefined);
    case 'Transform':
      return /^[ULuQ]$/.test(operation.operand.text) ? undefined : `expands with @${operation.operand.text}`;
    case 'Unknown':
      return 'uses an expansion that is not understood';
    default:
      return assertNever(operation);
  }
}

function sliceProblem(word: Word, state: State): string | undefined {
  if (word.parts === undefined && /^[\s(]*-?\d*[\s)]*$/.test(word.value)) return undefined;
  if (readWord(word, lookupIn(state)).values.every(isNumber)) return undefined;
  return isNumberName(word.value.trim(), state) ? undefined : unknownNumber;
}
