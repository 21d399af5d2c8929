// Owns: the forms of git that only read the repository in the working directory.
// Promises: an allow-list of subcommands and of their options; anything that names another repository, configures git for
// one call, writes, or runs a helper named on the command line is not in it.
// Never: says that the repository's own configuration is harmless: .git is protected from edits instead.
import { type Options, parseOptions } from './options.ts';
import { type Arg, exactArg } from './word.ts';

const revision = `all branches? tags? remotes? since= until= after= before= author= committer= grep= all-match invert-grep
  max-count= skip= merges no-merges first-parent reverse topo-order date-order author-date-order not no-walk? left-right
  cherry-pick cherry-mark boundary ancestry-path? full-history simplify-by-decoration regexp-ignore-case fixed-strings
  extended-regexp perl-regexp parents children`;
const show = `oneline pretty? format= abbrev-commit no-abbrev-commit abbrev? date= graph decorate? no-decorate
  decorate-refs= decorate-refs-exclude= no-color color? notes? no-notes show-pulls source full-diff log-size follow
  walk-reflogs no-expand-tabs relative-date no-mailmap use-mailmap`;
const diff = `patch no-patch unified= stat? numstat shortstat dirstat? summary name-only name-status patch-with-stat raw
  no-renames find-renames? find-copies? diff-filter= word-diff? word-diff-regex= color-words? color-moved? check
  full-index binary minimal patience histogram diff-algorithm= ignore-space-at-eol ignore-space-change ignore-all-space
  ignore-blank-lines ignore-cr-at-eol function-context cached staged merge-base relative? no-relative exit-code quiet
  no-ext-diff no-textconv no-prefix src-prefix= dst-prefix= inter-hunk-context= pickaxe-all pickaxe-regex submodule?
  compact-summary ignore-submodules? cc combined-all-paths remerge-diff text ita-visible-in-index
  skip-to= rotate-to=`;
const walkShort = { short: 'pusabwcmtzgEFPiqRWMC', valued: 'nUSGLl', number: true } as const;
const log: Options = { ...walkShort, long: `${revision} ${show} ${diff}` };
const list =
  'list sort= contains? no-contains? merged? no-merged? points-at= format= column? no-column ignore-case color?';

type GitCommand = Options & { readonly problem?: Problem };
/** `first`: the word after the subcommand, option or not. */
type Problem = (operands: readonly string[], flags: ReadonlySet<string>, first: string) => boolean;

/** Without one of `flags`, an operand would create or change something. */
const listing = (...flags: readonly string[]): Problem => {
  return (operands, given) => operands.length > 0 && !flags.some((flag) => given.has(flag));
};
/** After an option, git takes the verb for a path and does what it does without one. */
const verb = (...verbs: readonly string[]): Problem => {
  return (_operands, _flags, first) => !verbs.includes(first);
};

const commands: Readonly<Record<string, GitCommand>> = {
  status: {
    short: 'sbvuz',
    long: 'short branch show-stash porcelain? long verbose untracked-files? ignored? ignore-submodules? column? no-column ahead-behind no-ahead-behind renames no-renames',
  },
  log,
  show: log,
  diff: log,
  whatchanged: log,
  'diff-tree': { ...log, short: `${walkShort.short}rv` },
  'diff-index': log,
  'diff-files': log,
  'rev-list': { ...log, long: `${log.long} count objects timestamp` },
  shortlog: { short: 'sneck', long: `${revision} summary numbered email group=` },
  reflog: { ...log, problem: ([verb]) => verb !== undefined && /^(expire|delete|drop|write)$/.test(verb) },
  branch: {
    short: 'avri',
    long: `all remotes show-current verbose ${list}`,
    problem: listing('list', 'contains', 'no-contains', 'merged', 'no-merged', 'points-at'),
  },
  tag: { short: 'lni', long: list, problem: listing('l', 'list', 'contains', 'no-contains', 'merged', 'points-at') },
  remote: { short: 'v', long: 'verbose', problem: ([verb]) => verb !== undefined && verb !== 'get-url' },
  'rev-parse': {
    short: 'q',
    long: `abbrev-ref? short? verify quiet symbolic symbolic-full-name show-toplevel show-prefix show-cdup git-dir absolute-git-dir
      git-common-dir is-inside-work-tree is-inside-git-dir is-bare-repository all branches? tags? remotes? show-object-format?`,
  },
  describe: {
    long: 'tags all always dirty? broken? long abbrev= exact-match contains match= exclude= candidates= first-parent',
  },
  blame: {
    short: 'bltfnsewcpMC',
    valued: 'L',
    long: 'root show-stats porcelain line-porcelain incremental date= since= reverse first-parent show-name show-number show-email abbrev= color-lines color-by-age',
  },
  'ls-files': {
    short: 'zcdomisuktv',
    valued: 'x',
    long: 'cached deleted modified others ignored stage unmerged killed directory no-empty-directory exclude= exclude-standard error-unmatch full-name recurse-submodules abbrev? eol deduplicate',
  },
  'ls-tree': { short: 'drtlz', long: 'name-only name-status object-only full-name full-tree long abbrev? format=' },
  'cat-file': { short: 'tspe' },
  'merge-base': { short: 'a', long: 'all is-ancestor octopus independent fork-point' },
  'name-rev': { long: 'tags refs= name-only all always' },
  'for-each-ref': { long: `count= ${list}` },
  'show-ref': { short: 'hqsd', long: 'head heads tags dereference hash? verify quiet abbrev? branches' },
  'check-ignore': { short: 'qvzn', long: 'quiet verbose non-matching no-index' },
  'count-objects': { short: 'vH', long: 'verbose human-readable' },
  cherry: { short: 'v', long: 'abbrev?' },
  grep: {
    short: 'vinwEGFPlLcoqhHWpIa',
    valued: 'eABCm',
    number: true,
    long: `ignore-case word-regexp invert-match extended-regexp basic-regexp perl-regexp fixed-strings line-number column
      files-with-matches name-only files-without-match count only-matching quiet break heading show-function function-context
      context= after-context= before-context= max-count= max-depth= cached untracked no-exclude-standard color? and or not
      all-match text threads= null`,
  },
  stash: { ...log, problem: verb('list', 'show') },
  worktree: { long: 'porcelain verbose', problem: verb('list') },
  config: {
    short: 'lz',
    long: 'get= get-all= get-regexp= list local global system worktree show-origin show-scope name-only null type= includes',
    problem: (operands, flags) => {
      if (flags.has('l') || flags.has('list')) return operands.length > 0;
      if ([...flags].some((flag) => flag.startsWith('get'))) return operands.length > 0;
      const [verb = '', ...rest] = operands;
      if (verb === 'list') return rest.length > 0;
      return !(verb === 'get' ? rest.length === 1 : rest.length === 0 && verb.includes('.'));
    },
  },
  version: {},
};

/** `searches`: it prints lines of whatever files it finds. */
type GitReads = { readonly operands: readonly Arg[]; readonly searches: boolean };

/** Operands are revisions and paths alike: each is judged as a path. A string result says why git is not only reading. */
export function readOnlyGit(args: readonly Arg[]): GitReads | string {
  let at = 0;
  while (/^(--no-pager|-P|--no-optional-locks|--literal-pathspecs)$/.test(textAt(args, at))) at += 1;
  const verb = textAt(args, at);
  if (args.length === at + 1 && /^(--version|-v)$/.test(verb)) return { operands: [], searches: false };
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command === undefined) {
    const words = verb === '' ? 'git' : `git ${verb}`;
    return verb.startsWith('-')
      ? `git ${verb} can make git run or read something else`
      : `${words} may change something`;
  }
  const parsed = parseOptions(args.slice(at + 1), command);
  if (typeof parsed === 'string') return `git ${verb}: ${parsed}`;
  const operands = parsed.operands.map((arg) => exactArg(arg) ?? '*');
  const changes =
    command.problem?.(operands, new Set(parsed.flags.map(({ name }) => name)), textAt(args, at + 1)) === true;
  if (changes) return `git ${verb} may change something in this form`;
  // "git grep PATTERN": the first operand is text.
  const pattern = verb === 'grep' && !parsed.flags.some(({ name }) => name === 'e');
  return { operands: pattern ? parsed.operands.slice(1) : parsed.operands, searches: verb === 'grep' };
}

function textAt(args: readonly Arg[], at: number): string {
  const arg = args[at];
  return arg === undefined ? '' : (exactArg(arg) ?? '');
}
