// Owns: what a shell word can become, as far as reading alone can tell.
// Promises: a word is called exact only when it is that one string in every run; whatever is not understood is unknown.
// Never: guesses at an environment, a file name or the output of a command.
import type { DoubleQuotedChild, Word, WordPart } from 'unbash';
import { assertNever } from '../../contract/errors.ts';

/**
 * text: exactly this. number: some integer. glob: part of a file name. unknown: any text, within this word.
 * loose: any text that may also split into several words, or none.
 */
export type Piece = { readonly type: 'text' | 'number' | 'glob' | 'unknown' | 'loose'; readonly text: string };

/** One thing a word can become. An unquoted leading "~/" is already the home directory here. */
export type Value = { readonly pieces: readonly Piece[] };

/** A word in its place. Several values: one of them (a variable) or all of them (a brace list). */
export type Arg = { readonly raw: string; readonly values: readonly Value[] };

/** The values a variable can have here; undefined: not known. */
export type Lookup = (name: string) => readonly Value[] | undefined;

const maxValues = 32;
const plain = /^[\w./:=@%+,-]+$/;

export function textValue(text: string): Value {
  return { pieces: [{ type: 'text', text }] };
}

export function exactText(value: Value): string | undefined {
  return value.pieces.every((piece) => piece.type === 'text') ? joined(value) : undefined;
}

export function joined(value: Value): string {
  return value.pieces.map((piece) => piece.text).join('');
}

/** The literal text that a value certainly starts with. */
export function leadOf(value: Value): string {
  const end = value.pieces.findIndex((piece) => piece.type !== 'text');
  return joined({ ...value, pieces: end === -1 ? value.pieces : value.pieces.slice(0, end) });
}

/** The one string that the word is, or undefined. */
export function exactArg(arg: Arg): string | undefined {
  const [value] = arg.values;
  return value === undefined || arg.values.length !== 1 ? undefined : exactText(value);
}

/** As a person would type it: quoted only where it must be. */
export function displayArg(arg: Arg): string {
  const exact = exactArg(arg);
  if (exact === undefined) return arg.raw;
  return plain.test(exact) ? exact : `'${exact.replaceAll("'", String.raw`'\''`)}'`;
}

export function readWord(word: Word, lookup: Lookup): Arg {
  const raw = word.text;
  if (word.parts === undefined) return { raw, values: [literalValue(raw, word.value, true, true, lookup)] };
  let values: readonly Value[] = [{ pieces: [] }];
  for (const [index, part] of word.parts.entries()) {
    const choices = choicesOf(part, index === 0, lookup, index === word.parts.length - 1);
    if (values.length * choices.length > maxValues) return { raw, values: [{ pieces: [loose(raw)] }] };
    values = values.flatMap((value) => choices.map((choice) => append(value, choice)));
  }
  return { raw, values };
}

function append(value: Value, more: Value): Value {
  return { pieces: [...value.pieces, ...more.pieces] };
}

function choicesOf(part: WordPart, first: boolean, lookup: Lookup, last: boolean): readonly Value[] {
  switch (part.type) {
    case 'Literal':
      return [literalValue(part.text, part.value, first, last, lookup)];
    case 'SingleQuoted':
      return [textValue(part.value)];
    case 'AnsiCQuoted':
      // Bytes that are not ASCII depend on the locale.
      return [/^[\n\t\x20-\x7e]*$/.test(part.value) ? textValue(part.value) : one('unknown', part.text)];
    case 'DoubleQuoted':
      return quotedValues(part.parts, part.text, lookup);
    case 'SimpleExpansion':
      return variableValues(part.text.slice(1), part.text, false, lookup);
    case 'ParameterExpansion': {
      const bare = part.prefix === undefined && part.index === undefined && part.operation === undefined;
      return bare ? variableValues(part.parameter, part.text, false, lookup) : [one('loose', part.text)];
    }
    case 'ArithmeticExpansion':
      return [one('number', part.text)];
    case 'Glob':
      return [one('glob', part.text)];
    case 'BraceExpansion':
      return braceValues(part.text);
    case 'ProcessSubstitution':
      return [
        {
          pieces: [
            { type: 'text', text: '/dev/fd/' },
            { type: 'number', text: part.text },
          ],
        },
      ];
    case 'LocaleString':
    case 'CommandExpansion':
    case 'ExtendedGlob':
      return [one('loose', part.text)];
    default:
      return assertNever(part);
  }
}

function quotedValues(parts: readonly DoubleQuotedChild[], raw: string, lookup: Lookup): readonly Value[] {
  let values: readonly Value[] = [{ pieces: [] }];
  for (const part of parts) {
    const choices = quotedChoices(part, lookup);
    if (values.length * choices.length > maxValues) return [one('unknown', raw)];
    values = values.flatMap((value) => choices.map((choice) => append(value, choice)));
  }
  return values;
}

function quotedChoices(part: DoubleQuotedChild, lookup: Lookup): readonly Value[] {
  switch (part.type) {
    case 'Literal':
      return [textValue(part.value)];
    case 'SimpleExpansion':
      return variableValues(part.text.slice(1), part.text, true, lookup);
    case 'ParameterExpansion': {
      if (part.prefix === undefined && part.index === undefined && part.operation === undefined) {
        return variableValues(part.parameter, part.text, true, lookup);
      }
      return [one(/[@*]/.test(part.text) || part.prefix === '!' ? 'loose' : 'unknown', part.text)];
    }
    case 'ArithmeticExpansion':
      return [one('number', part.text)];
    case 'CommandExpansion':
      return [one('unknown', part.text)];
    default:
      return assertNever(part);
  }
}

function variableValues(name: string, raw: string, quoted: boolean, lookup: Lookup): readonly Value[] {
  if (name === '@' || name === '*') return [one('loose', raw)];
  if (/^[#?$!]$/.test(name)) return [one('number', raw)];
  const values = lookup(name)?.map((value) => asExpansion(value, quoted));
  if (values === undefined || values.length === 0 || values.includes(undefined)) {
    return [one(quoted ? 'unknown' : 'loose', raw)];
  }
  return values.filter((value) => value !== undefined);
}

/** Without quotes a value is split at blanks and its globs are expanded: only a plain one stays itself. */
function asExpansion(value: Value, quoted: boolean): Value | undefined {
  if (quoted) return { ...value };
  const stays = value.pieces.every((p) => p.type === 'number' || (p.type === 'text' && plain.test(p.text)));
  return stays && value.pieces.length > 0 ? { ...value } : undefined;
}

function braceValues(raw: string): readonly Value[] {
  if (/^\{-?\d+\.\.-?\d+(\.\.-?\d+)?\}$/.test(raw)) return [one('number', raw)];
  const simple = /^\{([\w./@:+%,-]*)\}$/.exec(raw)?.[1];
  if (simple === undefined || !simple.includes(',') || /^\w\.\.\w/.test(simple)) return [one('loose', raw)];
  return simple.split(',').map(textValue);
}

/** Unquoted text. What looks special here was not recognised by the parser: then nothing is known of it. */
function literalValue(raw: string, value: string, first: boolean, last: boolean, lookup: Lookup): Value {
  const unescaped = raw.replaceAll(/\\[\s\S]/g, '');
  if (/[$`*?"'<>|&;()]|:~|=~|\[[^\]]*\]|\{[^}]*(,|\.\.)[^}]*\}/.test(unescaped)) return one('loose', raw);
  if (!first || !raw.startsWith('~')) return textValue(value);
  const home = raw.startsWith('~/') || (raw === '~' && last) ? lookup('HOME')?.map(exactText)[0] : undefined;
  return home === undefined ? one('loose', raw) : textValue(home + value.slice(1));
}

function one(type: Piece['type'], text: string): Value {
  return { pieces: [{ type, text }] };
}

function loose(text: string): Piece {
  return { type: 'loose', text };
}
