// Owns: what permission rules mean for a worker in a git worktree: rules of the caller's tree hold in its copy.
// Promises: an allow rule that a settings file anchors in the caller's tree counts in the worktree instead; deny and ask rules count
// in both, however they are spelled; no edit enters the caller's tree.
// Never: widens anything.
import { join, relative } from 'node:path';
import type { PermissionRule } from './contract/permission.ts';
import type { WorktreePlan } from './contract/task.ts';
import type { Settings } from './permission/index.ts';
import { isInside } from './project-folders.ts';

export function settingsIn(worktree: WorktreePlan, settings: readonly Settings[]): readonly Settings[] {
  return settings.map((each) => ({ ...each, rules: each.rules.flatMap((rule) => moved(worktree, rule)) }));
}

/** Stands before all others: what a worker must not touch, whatever it was allowed. */
export function worktreeLimits({ top }: WorktreePlan): readonly PermissionRule[] {
  return [{ decision: 'deny', text: `Edit(/${literal(top)}/**)`, source: 'builtin' }];
}

/** Rules that name a place in the caller's tree by an absolute path: the copy has it too. */
export function copiedRules({ top, path }: WorktreePlan, rules: readonly PermissionRule[]): readonly PermissionRule[] {
  return rules.flatMap((rule) => {
    const spec = /\((\/\/.*)\)$/s.exec(rule.text)?.[1];
    if (rule.decision === 'allow' || spec === undefined || !spec.startsWith(`/${top}/`)) return [];
    return [{ ...rule, text: rule.text.replace(`(/${top}/`, () => `(/${literal(path)}/`) }];
  });
}

function moved({ top, path }: WorktreePlan, rule: PermissionRule): readonly PermissionRule[] {
  if (rule.root === undefined || !isInside(rule.root, top)) return [rule];
  const copy = { ...rule, root: join(path, relative(top, rule.root)) };
  return rule.decision === 'allow' ? [copy] : [rule, copy];
}

/** As a pattern that matches this text alone. */
function literal(path: string): string {
  return path.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}
