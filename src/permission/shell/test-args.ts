// Owns: the words of `test` and `[`.
// Promises: -v and -R see only plain names, because a subscript in the name is evaluated and can run a command; a word that
// is not known stands only where it cannot become an operator.
// Never: judges the paths it asks about: existence is no content.
import { type Arg, exactArg } from './word.ts';

export function testArgsProblem(name: string, given: readonly Arg[]): string | undefined {
  const last = given.at(-1);
  if (name === '[' && (last === undefined || exactArg(last) !== ']')) return 'its ] is missing';
  const args = name === '[' ? given.slice(0, -1) : given;
  const texts = args.map((arg) => exactArg(arg));
  const risky = texts.some((text, index) => /^-[vR]$/.test(text ?? '') && !/^\w*$/.test(texts[index + 1] ?? '['));
  if (risky) return 'it evaluates the name of a variable';
  if (texts.every((text) => text !== undefined)) return undefined;
  if (args.some((arg) => arg.values.some((value) => value.pieces.some((piece) => /loose|glob/.test(piece.type))))) {
    return 'an unquoted word could become an operator';
  }
  const words = texts[0] === '!' ? texts.slice(1) : texts;
  const [first, second] = words;
  const single = words.length === 1;
  const unary = words.length === 2 && first !== undefined && /^-[a-zA-Z]$/.test(first);
  const binary = words.length === 3 && second !== undefined && /^(=|==|!=|<|>|-[a-z]{2})$/.test(second);
  return single || unary || binary ? undefined : 'a word that is not known could become an operator';
}
