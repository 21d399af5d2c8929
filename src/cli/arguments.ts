// Owns: from argv to typed values. citty parses; this file is strict where citty is not.
// Promises: unknown flags, missing and doubled values and stray words are errors that name the flag and the nearest one,
// all of them at once; every value of a repeatable flag is kept, in order.
// Never: checks a range (flags.ts does).
import { parseArgs as tokenize } from 'node:util';
import { type ArgsDef, parseArgs } from 'citty';
import { AworkersError } from '../contract/errors.ts';
import { didYouMean } from '../contract/parse.ts';
import { aliasOf, type Flag, type Flags, type Values } from './command.ts';

type Token = ReturnType<typeof tokenize<{ strict: false; tokens: true; allowPositionals: true }>>['tokens'][number];
type OptionToken = Extract<Token, { kind: 'option' }>;

export function parseArguments<T extends Flags>(name: string, words: readonly string[], flags: T): Values<T> {
  const { tokens } = tokenize({
    args: [...words],
    options: optionTable(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  // Behind a mistyped flag stray words are its value: one mistake, one problem.
  const wrongFlags = flagProblems(words, tokens, flags);
  const problems = wrongFlags.length > 0 ? wrongFlags : positionalProblems(tokens, flags);
  if (problems.length > 0) {
    const hint = `Run \`aworkers ${name} --help\` to see its flags.`;
    const text = problems.join('; ');
    throw new AworkersError('usage', text.endsWith('?') ? text : `${text}.`, hint);
  }
  // citty tries three spellings of every name it knows, and of every key that is read from what it gives: neither for flags that are not there.
  const given = new Set(tokens.filter(isOption).map((token) => token.name));
  const there = Object.entries(flags).filter(
    ([key, flag]) => given.has(key) || flag.type === 'positional' || 'default' in flag,
  );
  const parsed: Readonly<Record<string, unknown>> = {
    ...parseArgs([...words], cittyDefinitions(Object.fromEntries(there))),
  };
  const entries = Object.entries(flags).map(([key, flag]) => [key, valueOf(key, flag, parsed[key], tokens)] as const);
  return Object.fromEntries(entries) as Values<T>;
}

/** citty wants mutable lists; ranges and repeats are checked here, so it gets no more than it needs. */
function cittyDefinitions(flags: Flags): ArgsDef {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      flag.type === 'enum' ? { ...flag, options: [...flag.options] } : { ...flag },
    ]),
  );
}

/** True when help is asked for; what stands behind `--` is a prompt, not a flag. */
export function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function valueOf(key: string, flag: Flag, parsed: unknown, tokens: readonly Token[]): unknown {
  if (flag.type === 'string' && flag.multiple === true)
    return tokens.filter(isOption).flatMap((t) => (t.name === key && t.value ? [t.value] : []));
  if (flag.type !== 'boolean') return parsed;
  // Not from citty, which takes --no-x for the contrary of x.
  const given = tokens.filter(isOption).findLast((token) => token.name === key);
  return given !== undefined && given.value !== 'false';
}

function optionTable(flags: Flags): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  const named = Object.entries(flags).filter(([, flag]) => flag.type !== 'positional');
  return Object.fromEntries(
    named.map(([name, flag]) => {
      const type = flag.type === 'boolean' ? 'boolean' : 'string';
      const short = aliasOf(flag);
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
}

function isOption(token: Token): token is OptionToken {
  return token.kind === 'option';
}

function flagProblems(words: readonly string[], tokens: readonly Token[], flags: Flags): string[] {
  const known = Object.entries(flags).filter(([, flag]) => flag.type !== 'positional');
  const names = [...known.map(([name]) => `--${name}`), '--help'];
  const seen = new Set<string>();
  const problems = tokens.filter(isOption).flatMap((token) => {
    const flag = known.find(([name]) => name === token.name)?.[1];
    if (flag === undefined) return unknownFlag(words[token.index] ?? token.rawName, names);
    const again = seen.has(token.name) && !(flag.type === 'string' && flag.multiple === true);
    seen.add(token.name);
    if (again) return [`${token.rawName} was given twice`];
    return valueProblem(token, flag);
  });
  return [...new Set(problems)];
}

/** The whole word, for a group of letters behind one dash is several tokens. */
function unknownFlag(word: string, names: readonly string[]): string[] {
  if (/^-[^=]*\s/.test(word)) return ['a prompt that starts with a dash goes behind "--"'];
  const [flag = word] = word.split('=');
  return [`unknown flag ${flag}${didYouMean(flag, names)}`];
}

function valueProblem(token: OptionToken, flag: Flag): string[] {
  const { rawName, value } = token;
  if (flag.type === 'boolean') {
    const fits = value === undefined || value === 'true' || value === 'false';
    return fits ? [] : [`${rawName} takes no value other than true or false, not "${value}"`];
  }
  if (value === undefined || value === '') return [`${rawName} needs a value`];
  if (!token.inlineValue && value.startsWith('--')) {
    return [`${rawName} needs a value (one that starts with a dash is written ${rawName}=${value})`];
  }
  const options = flag.type === 'enum' ? flag.options : [];
  const fits = options.length === 0 || options.includes(value);
  return fits ? [] : [`${rawName} must be one of ${options.join(', ')}, not "${value}"${didYouMean(value, options)}`];
}

function positionalProblems(tokens: readonly Token[], flags: Flags): string[] {
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const declared = Object.entries(flags).filter(([, flag]) => flag.type === 'positional');
  const missing = declared.slice(words.length).filter(([, flag]) => flag.type === 'positional' && flag.required);
  const stray = words.slice(declared.length);
  return [
    ...missing.map(([name]) => `missing argument <${name}>`),
    ...(stray.length > 0 ? [`unexpected argument "${stray[0]}" (words that belong together need quotes)`] : []),
  ];
}
