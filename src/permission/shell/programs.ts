// Owns: reading sed scripts, awk programs and jq filters given on a command line.
// Promises: only a script that can do nothing but print passes; what is not understood does not.
// Never: follows a script in a file.
import type { Parsed } from './options.ts';
import { exactArg } from './word.ts';

export function sedProblem({ flags, operands }: Parsed): string | undefined {
  const given = flags.filter(({ name }) => name === 'e' || name === 'expression').map(({ value }) => value);
  const scripts = given.length > 0 ? given : operands.slice(0, 1);
  const texts = scripts.map((arg) => (arg === undefined ? undefined : exactArg(arg)));
  if (texts.length === 0) return 'it has no script';
  return texts.every((text) => text !== undefined && onlyPrints(text))
    ? undefined
    : 'its script may write or run something';
}

/** Commands that only print or change the text in memory, each with optional addresses. */
export function onlyPrints(script: string): boolean {
  let rest = script;
  for (;;) {
    rest = rest.replace(/^[\s;]+/, '');
    if (rest === '') return true;
    const after = afterCommand(afterAddresses(rest));
    if (after === undefined) return false;
    const end = /^\s*(;|\n|\}|$)/.exec(after);
    if (end === null) return false;
    rest = after.slice(end[0].length - (end[1] === '}' ? 1 : 0));
  }
}

function afterAddresses(text: string): string | undefined {
  const first = afterAddress(text);
  if (first === undefined) return undefined;
  const range = /^\s*,\s*/.exec(first);
  const second = range === null || first === text ? first : afterAddress(first.slice(range[0].length));
  return second?.replace(/^[\s!]+/, '');
}

function afterAddress(text: string): string | undefined {
  const simple = /^(\d+(~\d+)?|\$|[+~]\d+)/.exec(text);
  if (simple !== null) return text.slice(simple[0].length);
  if (!text.startsWith('/')) return text;
  const end = afterDelimiter(text.slice(1), '/', true);
  return end === undefined ? undefined : end.replace(/^[IM]+/, '');
}

function afterCommand(text: string | undefined): string | undefined {
  const command = text?.charAt(0) ?? '';
  const rest = text?.slice(1) ?? '';
  if (/^[pPdDnNhHgGxlz=]$/.test(command)) return rest;
  if (/^[qQ]$/.test(command)) return rest.replace(/^\s*\d*/, '');
  if (command === '{') return `;${rest}`;
  if (command === '}') return rest;
  if (command !== 's' && command !== 'y') return undefined;
  const delimiter = rest.charAt(0);
  if (!/^[/|,#:;@!%~_]$/.test(delimiter)) return undefined;
  const replacement = afterDelimiter(rest.slice(1), delimiter, true);
  const flags = replacement === undefined ? undefined : afterDelimiter(replacement, delimiter, false);
  return command === 's' ? flags?.replace(/^[gpiI\d]*/, '') : flags;
}

/**
 * Past the next unescaped delimiter. A delimiter inside brackets ends the expression in one sed and not in another, and
 * a line break may end a command: such scripts are not understood.
 */
function afterDelimiter(text: string, delimiter: string, pattern: boolean): string | undefined {
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') return undefined;
    if (character === '\\') {
      if (text.charAt(at + 1) === '\n') return undefined;
      at += 1;
    } else if (character === delimiter) return text.slice(at + 1);
    else if (pattern && character === '[') {
      const close = /^\[\^?\]?[^\]\n\\[]*\]/.exec(text.slice(at));
      if (close === null || close[0].includes(delimiter)) return undefined;
      at += close[0].length - 1;
    }
  }
  return undefined;
}

/** Words through which an awk program reads other files, writes, or runs a command; a comment may hide a quote. */
const awkReaches = /\b(system|getline|close|fflush|ARGV|ARGC|ENVIRON|PROCINFO|SYMTAB|FUNCTAB|extension)\b|[@`#]|\\\n/;

export function awkProblem({ operands }: Parsed): string | undefined {
  const program = operands[0] === undefined ? undefined : exactArg(operands[0]);
  const reason = 'its program may write, run or read something else';
  if (program === undefined || awkReaches.test(program)) return reason;
  // A slash may start a regular expression, in which quotes and braces mean nothing: then nothing is taken apart.
  const opaque = program.includes('/');
  const bare = opaque ? program : program.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
  if (bare.replaceAll('||', '').includes('|')) return reason;
  const statements = opaque ? [bare] : bare.split(/[;{}]/);
  return statements.some((each) => each.includes('>') && /\bprint/.test(each)) ? reason : undefined;
}

/** A jq filter can load a module, which may lie anywhere. */
export function jqProblem({ operands }: Parsed): string | undefined {
  const filter = operands[0] === undefined ? undefined : exactArg(operands[0]);
  return filter === undefined || /\b(import|include|modulemeta)\b/.test(filter)
    ? 'its filter may load a file'
    : undefined;
}
