// Owns: is this simple command one that only reads, and which paths does it read?
// Promises: yes only for what the tables list; git only in the working directory itself, since a repository elsewhere
// brings its own configuration, which can run commands.
// Never: judges the paths (judge.ts does).
import { parseOptions } from './options.ts';
import { readOnlyFind } from './read-only-find.ts';
import { readOnlyGit } from './read-only-git.ts';
import type { ReadOnlyCommand } from './read-only-shell.ts';
import { readOnlyCommand } from './read-only-table.ts';
import type { Simple } from './simple.ts';
import { nameOf } from './inner.ts';
import { type Arg, exactArg, textValue } from './word.ts';
import { testArgsProblem } from './test-args.ts';

export type Reads = { readonly paths: readonly Arg[]; readonly recursive: boolean };

const versioned = new Set(
  'node npm bun deno python python3 ruby gcc clang make cmake docker java php perl bash jq rg tsc openssl curl'.split(
    ' ',
  ),
);

const here: Arg = { raw: '.', values: [textValue('.')] };

/** A string says why not. */
export function readsOnly(command: Simple, cwd: string): Reads | string {
  const written = nameOf(command);
  if (written === undefined) return 'the command is not known before it runs';
  const name = written.replace(/^(\/usr)?\/bin\/(?=\w+$)/, '');
  const args = command.argv.slice(1);
  if (name === 'git') {
    if (command.dirs?.length !== 1 || command.dirs[0] !== cwd) return 'git is run in another directory';
    const read = readOnlyGit(args);
    if (typeof read === 'string') return read;
    const { operands, searches } = read;
    return { paths: searches && operands.length === 0 ? [here] : operands, recursive: searches };
  }
  if (name === 'find') {
    const read = readOnlyFind(args);
    return typeof read === 'string' ? read : { paths: read.paths, recursive: false };
  }
  if (name === 'test' || name === '[') return testArgsProblem(name, args) ?? { paths: [], recursive: false };
  if (name === 'command' && /^-[vV]$/.test(textAt(args, 0))) return { paths: [], recursive: false };
  if (name === 'set') return setProblem(args) ?? { paths: [], recursive: false };
  if (name === 'env' && args.length === 0) return { paths: [], recursive: false };
  if (versioned.has(name) && args.length === 1 && /^(--version|-v|-V)$/.test(textAt(args, 0))) {
    return { paths: [], recursive: false };
  }
  const known = readOnlyCommand(name);
  return known === undefined ? `${name} is not among the commands known to only read` : readsListed(known, args);
}

function readsListed(known: ReadOnlyCommand, args: readonly Arg[]): Reads | string {
  // Words that could become options do no harm where no option does.
  const parsed = parseOptions(args, known);
  if (typeof parsed === 'string') return parsed;
  const problem = known.problem?.(parsed);
  if (problem !== undefined) return problem;
  if (known.operands === 'none' && parsed.operands.length > 0) return 'it takes no argument in its reading form';
  const text = new Set((known.text ?? '').split(/\s+/));
  const patterns = (known.patterns ?? '').split(/\s+/);
  const given = new Set(parsed.flags.map(({ name }) => name));
  const hasPattern = patterns.some((name) => given.has(name));
  const skipped = known.operands === 'pattern' && !hasPattern ? 1 : 0;
  const operands = known.operands === 'text' || known.operands === 'none' ? [] : parsed.operands.slice(skipped);
  const values = parsed.flags.flatMap(({ name, value }) => (value === undefined || text.has(name) ? [] : [value]));
  const recursive = known.recursive === '*' || (known.recursive ?? '').split(' ').some((name) => given.has(name));
  const below = recursive && operands.length === 0 ? [here] : [];
  return { paths: [...operands, ...(known.operands === 'text' ? [] : values), ...below], recursive };
}

const setArguments = /^([-+][eufxEC]+|[-+][eufxEC]*o|pipefail|errexit|nounset|noglob|noclobber|xtrace)$/;

function setProblem(args: readonly Arg[]): string | undefined {
  const fine = args.length > 0 && args.every((arg) => setArguments.test(exactArg(arg) ?? ''));
  return fine ? undefined : 'it changes the shell';
}

function textAt(args: readonly Arg[], at: number): string {
  const arg = args[at];
  return arg === undefined ? '' : (exactArg(arg) ?? '');
}
