// Owns: where a git command line makes git run, read or obey something that its verb does not say.
// Promises: a rule for git covers such a line only when the rule spells it out: -c, -C, aliases, --exec, --upload-pack.
// Never: says that a git command is harmless (read-only-git.ts).
import type { Simple } from './simple.ts';
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

export function gitWords(command: Simple): number {
  const words = command.argv.map((arg) => exactArg(arg));
  const verbAt = words.findIndex((word, index) => index > 0 && word?.startsWith('-') !== true);
  const head = words.slice(1, verbAt === -1 ? undefined : verbAt);
  if (head.some((word) => word === undefined || gitRuns.test(word))) return words.length;
  const verb = verbAt === -1 ? '' : (words[verbAt] ?? '');
  if (verb !== '' && !plainVerbs.has(verb)) return verbAt + 1;
  if (gitVerbRuns.test(verb)) return Math.min(words.length, verbAt + 2);
  const runs = words.slice(verbAt + 1).findLastIndex((word) => {
    if (word === undefined) return false;
    return isRunningOption(word) || (/^(-x|-O|-u)/.test(word) && /^(rebase|grep|clone|fetch|ls-remote)$/.test(verb));
  });
  return runs === -1 ? 1 : Math.min(words.length, verbAt + 1 + runs + 2);
}
