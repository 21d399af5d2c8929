// Owns: the commands that run without a question, with the options that keep them reading only.
// Promises: an allow-list: a command, option or operand that is not here asks. Every path operand is judged on its own.
// Never: holds a command that runs another one, writes a file or changes the machine in a listed form.
import type { Options, Parsed } from './options.ts';
import { type Arg, exactArg, leadOf } from './word.ts';
import { isHarmlessForCommand, isHarmlessForShell, namesProblem, settingsProblem } from './assignments.ts';
import { isNumber } from './state.ts';
import { sedProblem, awkProblem } from './programs.ts';

export type ReadOnlyCommand = Options & {
  /** pattern: the first operand is text (unless an option of `patterns` gave it), the others are paths. */
  readonly operands: 'paths' | 'text' | 'pattern' | 'none';
  /** Options (letters and names) whose value is text, never a path. */
  readonly text?: string;
  /** Options that replace the pattern operand. */
  readonly patterns?: string;
  /** Options that make it read every file below its paths; without a path: below the working directory. */
  readonly recursive?: string;
  /** It prints what a file holds, so that a denied file must not be among what it reads. */
  readonly problem?: (parsed: Parsed) => string | undefined;
};

const any = { short: '*', long: '*' } as const;
const paths = { ...any, operands: 'paths' } as const;
const text = { ...any, operands: 'text' } as const;
const none = { operands: 'none' } as const;
const sum = { short: 'btwz', long: 'binary text tag zero', operands: 'paths' } as const;

const grep: ReadOnlyCommand = {
  short: 'EFGPiIvwxyclLqsnhHoabTUzrZV',
  valued: 'eABCmdDf',
  number: true,
  long: `extended-regexp fixed-strings basic-regexp perl-regexp ignore-case no-ignore-case invert-match word-regexp
    line-regexp count files-with-matches files-without-match only-matching quiet silent no-messages line-number
    with-filename no-filename byte-offset null null-data recursive text binary-files= include= exclude= exclude-dir=
    color? colour? max-count= after-context= before-context= context= regexp= file= label= line-buffered version help`,
  operands: 'pattern',
  text: 'e regexp include exclude exclude-dir label',
  patterns: 'e f regexp file',
  recursive: 'r recursive',
};

const exactOnly = (parsed: Parsed): string | undefined =>
  parsed.operands.every((arg) => exactArg(arg) !== undefined || arg.values.every(isNumber))
    ? undefined
    : 'its argument is not known';

const table: Readonly<Record<string, ReadOnlyCommand>> = {
  // files: what they hold and what they are
  cat: paths,
  head: paths,
  tail: paths,
  nl: paths,
  tac: paths,
  rev: paths,
  fold: paths,
  fmt: paths,
  expand: paths,
  unexpand: paths,
  ls: paths,
  stat: paths,
  df: paths,
  cmp: paths,
  comm: paths,
  strings: paths,
  od: paths,
  hexdump: paths,
  readlink: paths,
  realpath: paths,
  cut: { ...paths, valued: 'dbcf', text: 'd delimiter output-delimiter b c f fields' },
  paste: { ...paths, valued: 'd', text: 'd delimiters' },
  join: { ...paths, valued: 't', text: 't' },
  column: { ...paths, valued: 'soN', text: 's o N separator output-separator table-columns' },
  wc: { short: 'cmlLw', long: 'bytes chars lines words max-line-length total=', operands: 'paths' },
  du: {
    short: 'aAbcDHhklLmsSx0P',
    valued: 'dtB',
    long: 'all bytes total summarize human-readable max-depth= apparent-size si separate-dirs one-file-system exclude= null',
    operands: 'paths',
  },
  file: {
    short: 'bhikLNnprsv0',
    valued: 'F',
    long: 'brief mime mime-type mime-encoding dereference',
    operands: 'paths',
  },
  tree: {
    short: 'adfilqrtuvpsghDFQNnACSJXc',
    valued: 'LPI',
    long: 'noreport dirsfirst gitignore prune charset= du si timefmt= sort= matchdirs ignore-case inodes device filesfirst',
    operands: 'paths',
  },
  sort: {
    short: 'bdfghiMnrRVcCmsuz',
    valued: 'kt',
    text: 't field-separator k key',
    long: `unique reverse numeric-sort human-numeric-sort version-sort ignore-case general-numeric-sort key= field-separator=
      stable zero-terminated check? random-sort month-sort dictionary-order ignore-leading-blanks merge`,
    operands: 'paths',
  },
  uniq: {
    short: 'cdDiuz',
    valued: 'fsw',
    long: 'count repeated all-repeated? unique ignore-case skip-fields= skip-chars= check-chars= zero-terminated',
    operands: 'paths',
    problem: ({ operands }) => (operands.length > 1 ? 'its second file is written' : undefined),
  },
  diff: {
    short: 'abBcdeEiInNpPqrstTuwyZ',
    valued: 'CUxFWL',
    number: true,
    text: 'x exclude F show-function-line L label',
    long: `brief color? unified? context? side-by-side ignore-all-space ignore-space-change ignore-blank-lines ignore-case
      recursive new-file report-identical-files text show-c-function width= exclude= label= strip-trailing-cr minimal
      suppress-common-lines no-dereference expand-tabs normal speed-large-files`,
    operands: 'paths',
    recursive: 'r recursive',
  },
  xxd: {
    short: 'abeipuCEd',
    valued: 'cglnos',
    operands: 'paths',
    problem: ({ operands }) => (operands.length > 1 ? 'its second file is written' : undefined),
  },
  base64: { short: 'dD', valued: 'w', long: 'decode wrap= ignore-garbage', operands: 'paths' },
  md5sum: sum,
  sha1sum: sum,
  sha256sum: sum,
  sha512sum: sum,
  b2sum: sum,
  cksum: { operands: 'paths' },
  shasum: { short: 'bt0', valued: 'a', operands: 'paths' },
  jq: {
    short: 'nrjaSCMsec',
    long: 'null-input raw-output join-output ascii-output sort-keys color-output monochrome-output slurp exit-status compact-output tab indent= raw-input raw-output0',
    operands: 'pattern',
    problem: ({ operands }) =>
      /\b(import|include)\b/.test(operands[0] === undefined ? '' : (exactArg(operands[0]) ?? 'import'))
        ? 'its filter may load a file'
        : undefined,
  },
  // searching
  grep,
  egrep: grep,
  fgrep: grep,
  rg: {
    short: 'aFiIlnNHoPqsSuvwxcU0.',
    valued: 'ABCeEfgjmMrtTd',
    long: `files hidden no-hidden no-ignore no-ignore-vcs no-ignore-parent ignore-case smart-case case-sensitive fixed-strings
      word-regexp line-regexp invert-match count count-matches files-with-matches files-without-match line-number
      no-line-number column heading no-heading with-filename no-filename null only-matching json multiline
      multiline-dotall pcre2 stats trim vimgrep sort= sortr= type= type-not= type-list glob= iglob= max-count= max-depth=
      max-columns= max-columns-preview max-filesize= context= after-context= before-context= regexp= replace= color=
      colors= no-config no-messages passthru pretty quiet text unrestricted crlf encoding= line-buffered threads=
      context-separator= file= version help`,
    operands: 'pattern',
    text: 'e regexp g glob iglob r replace colors context-separator',
    patterns: 'e f regexp file files type-list',
    recursive: '*',
  },
  fd: {
    short: 'HIusipalgF0',
    valued: 'teEcdSj',
    long: 'hidden no-ignore type= extension= exclude= max-depth= full-path absolute-path glob ignore-case case-sensitive print0 color=',
    operands: 'pattern',
    text: 'e extension E exclude t type',
  },
  // text in, text out
  echo: text,
  basename: text,
  dirname: text,
  seq: text,
  tr: text,
  sed: {
    short: 'nErsuz',
    valued: 'e',
    long: 'quiet silent regexp-extended expression= separate null-data unbuffered',
    operands: 'pattern',
    text: 'e expression',
    patterns: 'e expression',
    problem: sedProblem,
  },
  awk: { valued: 'Fv', operands: 'pattern', text: 'F v', problem: awkProblem },
  printf: {
    operands: 'text',
    problem: ({ operands }) =>
      operands[0] === undefined || exactArg(operands[0]) === undefined ? 'its format is not known' : undefined,
  },
  // the machine and the shell
  date: {
    short: 'uRj',
    valued: 'dr',
    long: 'date= utc universal rfc-email iso-8601? rfc-3339= reference=',
    text: 'd date',
    operands: 'text',
    problem: ({ operands }) =>
      operands.every((arg) => arg.values.every((value) => leadOf(value).startsWith('+')))
        ? undefined
        : 'it may set the clock',
  },
  sleep: text,
  true: text,
  false: text,
  ':': text,
  whoami: none,
  id: text,
  groups: text,
  uname: { ...any, operands: 'none' },
  hostname: { short: 'fisdIA', operands: 'none' },
  uptime: { ...any, operands: 'none' },
  nproc: { ...any, operands: 'none' },
  arch: none,
  free: { short: 'bkmghlt', operands: 'none' },
  printenv: text,
  ps: { short: 'AaefFlwmTHjyx', valued: 'opuUCGgst', operands: 'text', problem: ({ operands }) => psProblem(operands) },
  pgrep: { short: 'afilnovxc', valued: 'uUgPt', operands: 'text' },
  which: text,
  whereis: { operands: 'text' },
  type: text,
  help: text,
  pwd: { short: 'LP', operands: 'none' },
  cd: {
    operands: 'paths',
    problem: ({ operands }) =>
      operands.length === 1 && operands[0]?.values.every((value) => leadOf(value) !== '') === true
        ? undefined
        : 'it leaves the working directory',
  },
  exit: { operands: 'text', problem: exactOnly },
  return: { operands: 'text', problem: exactOnly },
  break: { operands: 'text', problem: exactOnly },
  continue: { operands: 'text', problem: exactOnly },
  shift: { operands: 'text', problem: exactOnly },
  wait: { operands: 'text', problem: exactOnly },
  read: {
    short: 'rs',
    valued: 'ptndu',
    text: 'p d',
    operands: 'text',
    problem: ({ operands }) => namesProblem(operands),
  },
  unset: { operands: 'text', problem: ({ operands }) => namesProblem(operands) },
  export: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForCommand) },
  local: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForShell) },
  readonly: { operands: 'text', problem: ({ operands }) => settingsProblem(operands, isHarmlessForShell) },
};

/** undefined: not in the set. */
export function readOnlyCommand(name: string): ReadOnlyCommand | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function psProblem(operands: readonly Arg[]): string | undefined {
  return operands.every((arg) => /^(aux|axu|ax|x|a|u|auxw+|auxf|axo)$/.test(exactArg(arg) ?? ''))
    ? undefined
    : 'it may show the environment of processes';
}
