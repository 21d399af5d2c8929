// Owns: the commands that run without a question, with the options that keep them reading only.
// Promises: an allow-list: a command, option or operand that is not here asks. Every path operand is judged on its own.
// Never: holds a command that runs another one, writes a file or changes the machine in a listed form.
import { type ReadOnlyCommand, shellCommand } from './read-only-shell.ts';
import { exactArg, leadOf } from './word.ts';
import { awkProblem, jqProblem, sedProblem } from './programs.ts';

const any = { short: '*', long: '*' } as const;
const paths = { ...any, operands: 'paths' } as const;
const text = { ...any, operands: 'text' } as const;
const sum = { harmless: true, short: 'btwz', long: 'binary text tag zero', operands: 'paths' } as const;

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
  recursive: 'r recursive d',
};

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
  strings: {
    ...paths,
    problem: ({ operands }) =>
      operands.every(({ values }) => values.every((value) => /^[^@]/.test(leadOf(value))))
        ? undefined
        : 'it may read its options and files from another file',
  },
  od: paths,
  hexdump: paths,
  readlink: paths,
  realpath: paths,
  cut: { ...paths, valued: 'dbcf', text: 'd delimiter output-delimiter b c f fields' },
  paste: { ...paths, valued: 'd', text: 'd delimiters' },
  join: { ...paths, valued: 't', text: 't' },
  column: { ...paths, valued: 'soN', text: 's o N separator output-separator table-columns' },
  wc: { harmless: true, short: 'cmlLw', long: 'bytes chars lines words max-line-length total=', operands: 'paths' },
  du: {
    harmless: true,
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
    recursive: '*', // two directories are compared file by file
  },
  xxd: {
    short: 'abeipuCEd',
    valued: 'cglnos',
    single: true,
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
    problem: jqProblem,
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
};

/** undefined: not in the set. */
export function readOnlyCommand(name: string): ReadOnlyCommand | undefined {
  return Object.hasOwn(table, name) ? table[name] : shellCommand(name);
}
