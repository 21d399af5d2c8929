// Owns: where a git command line makes git run, read or obey something that its verb does not say.
// Promises: a rule for git covers such a line only when the rule spells it out: -c, -C, aliases, --exec, --upload-pack.
// Never: says that a git command is harmless (read-only-git.ts).
import type { Simple } from './simple.ts';
import { mayBeOption } from './options.ts';
import { exactArg } from './word.ts';

const gitRuns =
  /^(-c.*|-C.*|--config-env.*|--exec-path.+|--git-dir.*|--work-tree.*|--namespace.*|--super-prefix.*|--attr-source.*|--bare)$/;
/** git takes any unambiguous beginning of an option for the whole. */
const runningOptions =
  'exec upload-pack receive-pack open-files-in-pager extcmd ext-diff output textconv template config shell tool'.split(
    ' ',
  );

function isRunningOption(word: string): boolean {
  const name = /^--([a-z-]+)/.exec(word)?.[1];
  return name !== undefined && runningOptions.some((option) => option.startsWith(name) || name.startsWith(option));
}
/** Any other may be an alias, or another program; config can define either. */
const plainVerbs = new Set(
  `add am apply archive bisect blame branch bundle cat-file check-ignore checkout cherry cherry-pick clean clone commit
  count-objects describe diff diff-files diff-index diff-tree difftool fetch filter-branch for-each-ref format-patch fsck gc
  grep init log ls-files ls-remote ls-tree merge merge-base mergetool mv name-rev notes pack-refs prune pull push
  range-diff rebase reflog remote reset restore rev-list rev-parse revert rm shortlog show show-ref sparse-checkout stash
  status submodule switch tag version whatchanged worktree`.split(/\s+/),
);

const gitVerbRuns =
  /^(bisect|filter-branch|difftool|mergetool|daemon|instaweb|send-email|credential|hook|for-each-repo|maintenance|help|web--browse|remote-.*|submodule|fast-import)$/;

/** Letters that stand for a running option, also in a cluster. */
const runningLetters: Readonly<Record<string, RegExp>> = {
  rebase: /^-[a-zA-Z]*x/,
  difftool: /^-[a-zA-Z]*x/,
  grep: /^-[a-zA-Z]*O/,
  clone: /^-[a-zA-Z]*[uc]/,
  fetch: /^-[a-zA-Z]*u/,
  'ls-remote': /^-[a-zA-Z]*u/,
};

/** They have no running option, so that a word which is not known does no harm. */
const harmlessVerbs =
  /^(add|branch|checkout|cherry-pick|clean|commit|describe|merge|mv|notes|reset|restore|rev-parse|revert|rm|status|switch|tag)$/;

export function gitWords(command: Simple): number {
  const words = command.argv.map((arg) => exactArg(arg));
  const verbAt = words.findIndex((word, index) => index > 0 && word?.startsWith('-') !== true);
  const head = words.slice(1, verbAt === -1 ? undefined : verbAt);
  if (head.some((word) => word === undefined || gitRuns.test(word))) return words.length;
  const verb = verbAt === -1 ? '' : (words[verbAt] ?? '');
  if (verb !== '' && !plainVerbs.has(verb)) return verbAt + 1;
  const letters = Object.hasOwn(runningLetters, verb) ? runningLetters[verb] : undefined;
  const end = words.indexOf('--');
  const runs = command.argv.slice(0, end === -1 ? undefined : end).findLastIndex((arg, index) => {
    const word = words[index];
    if (index <= verbAt) return false;
    if (word === undefined) return !harmlessVerbs.test(verb) && mayBeOption(arg);
    return isRunningOption(word) || letters?.test(word) === true;
  });
  const named = gitVerbRuns.test(verb) ? verbAt + 2 : 1;
  return Math.min(words.length, Math.max(named, runs === -1 ? 1 : runs + 2));
}
