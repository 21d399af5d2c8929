// Owns: the options with which a common tool runs something else than its name says: a program, another project, code.
// Promises: a rule covers such a line only when it spells the option out: also abbreviated, in a cluster, or in a word that is
// not known before it runs.
// Never: knows git (git-words.ts) or what stands after "--", which the tool hands on or takes for a file.
import { mayBeOption } from './options.ts';
import type { Simple } from './simple.ts';
import { type Arg, exactArg } from './word.ts';

type Hiding = {
  /** Names of long options: any beginning of one may stand for it. */
  readonly long?: string;
  /** Other words: short options, settings. */
  readonly word?: RegExp;
  /** The first word is a cluster even without "-". */
  readonly bundle?: true;
};

const project = { long: 'prefix dir cwd script-shell node-options userconfig globalconfig', word: /^-C/ } as const;
const editor = { long: 'cmd eval funcall load', word: /^(-c|\+|-S|-f|-l)/ } as const;

const hiding: Readonly<Record<string, Hiding>> = {
  tar: {
    long: 'to-command checkpoint-action use-compress-program info-script new-volume-script rsh-command rmt-command',
    word: /^-[a-zA-Z]*[IF]/,
    bundle: true,
  },
  find: { word: /^-((exec|ok)(dir)?|delete|fprint.*|fls)$/ },
  fd: { long: 'exec exec-batch', word: /^-[a-zA-Z0-9]*[xX]/ },
  fdfind: { long: 'exec exec-batch', word: /^-[a-zA-Z0-9]*[xX]/ },
  rg: { long: 'pre hostname-bin' },
  sort: { long: 'compress-program' },
  man: { long: 'pager html', word: /^-[a-zA-Z]*[PH]/ },
  less: { word: /^\+/ },
  vim: editor,
  vi: editor,
  nvim: editor,
  emacs: editor,
  zip: { long: 'unzip-command', word: /^-[a-zA-Z]*TT/ },
  split: { long: 'filter' },
  cmake: { word: /^-[EP]/ },
  ctest: { long: 'script script-new-process build-and-test test-command', word: /^-SP?/ },
  curl: { long: 'config', word: /^-[a-zA-Z]*K/ },
  wget: { long: 'use-askpass execute config', word: /^-[a-zA-Z]*e/ },
  ip: { word: /^(netns|vrf)$/ },
  node: { long: 'require import loader experimental-loader', word: /^-r/ },
  npm: project,
  pnpm: project,
  yarn: project,
  bun: { long: 'cwd preload config env-file', word: /^-[rc]/ },
  // A variable given to make is expanded as make's own text is.
  make: {
    long: 'eval file makefile directory include-dir',
    word: /^-[a-zA-Z]*[EfCI]|^(SHELL|MAKEFLAGS|MAKEFILES|\.SHELLFLAGS)\W*=|=.*[$`;|&<>()]/,
  },
  go: { word: /^--?(exec|toolexec|vettool|overlay|C)(=|$)|-extld/ },
  cargo: { long: 'config manifest-path', word: /^-[CZ]/ },
};

/** How many leading words a rule must spell out before it can cover the command. */
export function hidingWords(base: string, command: Simple): number {
  const known = Object.hasOwn(hiding, base) ? hiding[base] : undefined;
  if (known === undefined) return 1;
  const end = command.argv.findIndex((arg) => exactArg(arg) === '--');
  const words = command.argv.slice(0, end === -1 ? undefined : end);
  const at = words.findLastIndex((arg, index) => index > 0 && hides(known, arg, index));
  return at === -1 ? 1 : base === 'find' ? command.argv.length : at + 2;
}

function hides({ long, word, bundle }: Hiding, arg: Arg, index: number): boolean {
  const text = exactArg(arg);
  if (text === undefined) return mayBeOption(arg);
  const name = /^--([a-z][\w-]*)/i.exec(text)?.[1];
  if (name !== undefined && long?.split(' ').some((option) => option.startsWith(name)) === true) return true;
  return word?.test(bundle === true && index === 1 && !text.startsWith('-') ? `-${text}` : text) === true;
}
