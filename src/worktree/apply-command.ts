// Owns: the command that brings a worktree's changes into the tree it was made from.
// Promises: it changes files (and, of a committed base, the index) and makes no commit; quoted for a POSIX shell.
import type { WorktreePlan } from '../contract/task.ts';

export function applyCommand({ top, base, dirty }: WorktreePlan, branch: string): string {
  const git = `git -C ${quoted(top)}`;
  // --3way needs an index that knows the base; of an uncommitted base it does not.
  const apply = dirty ? 'apply' : 'apply --3way';
  return `${git} diff-tree -p --binary --full-index ${base} ${quoted(branch)} | ${git} ${apply}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
