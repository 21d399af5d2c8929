// Owns: the judgement of one path: may it be read, searched, edited?
// Promises: a rule sees the path as written and where it really leads: an allow rule must match both, a deny or ask rule
// either. ".." after a symlink is followed as the kernel does. Protected names ask unless the rule itself spells them.
// Never: lists a directory: below a wildcard only the directory is judged.
import type { Decision, JudgedPart } from '../contract/permission.ts';
import { below, toPosix } from './path-pattern.ts';
import { protectedPart } from './protected.ts';
import type { Rule, World } from './world.ts';

/** search: whatever lies below the path is read too. */
export type PathUse = 'read' | 'search' | 'edit';

/** Every place a path may mean: as written, and real. */
export type Location = {
  readonly absolute: string;
  /** As the resolver says it: where a tool finds it. */
  readonly real: string;
  readonly reals: readonly string[];
};

const maxDepth = 128;

export function locate(world: World, path: string, cwd: string): Location {
  const { absolute, real } = world.paths.resolve(path, cwd);
  const reals = [toPosix(real)];
  if (`${cwd}/${path}`.split('/').includes('..')) reals.push(toPosix(physical(world, path, cwd)));
  return { absolute: toPosix(absolute), real, reals: [...new Set(reals)] };
}

/** "link/.." is the parent of where the link leads, not the directory that holds the link. */
function physical(world: World, path: string, cwd: string): string {
  const whole = path.startsWith('/') ? path : path.startsWith('~') ? `${world.home}${path.slice(1)}` : `${cwd}/${path}`;
  let current = '';
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') current += `/${part}`;
    else {
      const { real } = world.paths.resolve(current || '/', cwd);
      current = real.slice(0, Math.max(real.lastIndexOf('/'), 0));
    }
  }
  return world.paths.resolve(current || '/', cwd).real;
}

/** `tool`: whose rules count beside those of Read and Edit. `rulesOnly`: without a rule, allow. `whole`: and all below it. */
type Options = { readonly tool?: string; readonly rulesOnly?: boolean; readonly whole?: boolean };

export function judgePath(world: World, use: PathUse, path: string, cwd: string, options: Options = {}): JudgedPart {
  return judgeLocation(world, use, path, locate(world, path, cwd), options);
}

/** The same for a path that was located, so that it is known where it led. */
export function judgeLocation(
  world: World,
  use: PathUse,
  path: string,
  location: Location,
  options: Options = {},
): JudgedPart {
  const deep = [location.absolute, ...location.reals].some(isTooDeep);
  const part = use === 'edit' ? `edit ${path}` : use === 'search' ? `search ${path}` : `read ${path}`;
  const made = (decision: Decision, reason: string, rule?: Rule): JudgedPart => ({
    part,
    decision,
    reason,
    ...(rule === undefined ? {} : { rule: rule.text }),
  });
  if (deep) return made('ask', `the path is deeper than ${maxDepth} directories`);
  for (const decision of ['deny', 'ask'] as const) {
    const rule = world.rules.find(
      (each) => each.decision === decision && strictMatch(each, use, location, options.tool),
    );
    if (rule !== undefined) return made(decision, `\`${path}\` matches the ${decision} rule ${rule.text}`, rule);
  }
  if (use === 'search' && !(world.searchSkipsDenied && options.tool !== undefined)) {
    const rule = world.rules.find((each) => each.decision !== 'allow' && readerRule(each) && reachedBy(each, location));
    if (rule !== undefined)
      return made('ask', `searching \`${path}\` may read what the rule ${rule.text} keeps back`, rule);
  }
  if (options.rulesOnly === true) return made('allow', 'no rule keeps it back');
  if (use === 'edit' && world.mode === 'plan') return made('deny', 'mode plan only reads');
  const guarded = use === 'edit' ? (protectedIn(world, location) ?? heldBy(world, location, options.whole)) : undefined;
  const allow = world.rules.find(
    (each) => each.decision === 'allow' && allowMatch(each, use, location, options.tool) && spells(each, guarded),
  );
  if (allow !== undefined) return made('allow', `allowed by ${allow.text}`, allow);
  if (world.mode === 'bypassPermissions') return made('allow', 'mode bypassPermissions');
  if (guarded !== undefined) return made('ask', `\`${path}\` is protected (${guarded})`);
  const inside = isInside(world, location);
  if (use !== 'edit') {
    return inside
      ? made('allow', 'inside the working directory')
      : made('ask', `\`${path}\` is outside the working directory`);
  }
  if (!inside) return made('ask', `\`${path}\` is outside the working directory`);
  if (world.mode === 'acceptEdits') return made('allow', 'mode acceptEdits, inside the working directory');
  return made('ask', `no rule allows editing \`${path}\``);
}

export function isInside(world: World, location: Location): boolean {
  return location.reals.every((real) => world.workspace.some((root) => below(root, real) !== undefined));
}

/** Below the workspace only the part below it counts: the workspace itself may lie in a protected directory. */
export function protectedIn(world: World, location: Location): string | undefined {
  const { protectedDirectories } = world;
  for (const path of [location.absolute, ...location.reals]) {
    const inside = world.workspace.map((root) => below(root, path)).find((rest) => rest !== undefined);
    const found = protectedPart(path, protectedDirectories);
    if (found?.startsWith('/') === true) return found;
    const own = inside === undefined ? found : protectedPart(inside, []);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** A kept directory goes where the one goes that holds it. */
function heldBy(world: World, location: Location, whole: boolean | undefined): string | undefined {
  if (whole !== true) return undefined;
  const paths = [location.absolute, ...location.reals];
  return world.protectedDirectories.find((kept) => paths.some((path) => below(path, kept, true) !== undefined));
}

/** Where a search with a pattern starts: the pattern may be absolute, or climb. */
export function joinPattern(path: string, pattern: string): string {
  const lead = pattern.slice(0, Math.max(pattern.search(/[*?[{(!]/), 0));
  const fixed = lead === '' && !/[*?[{(!]/.test(pattern) ? pattern : lead;
  const climbs = pattern.split(/[/{},|()]/).includes('..') ? '/' : undefined;
  const directory = fixed.slice(0, fixed.lastIndexOf('/') + 1);
  if (climbs !== undefined) return climbs;
  if (directory.startsWith('/') || directory.startsWith('~')) return directory;
  return directory === '' ? path : `${path}/${directory}`;
}

function spells(rule: Rule, guarded: string | undefined): boolean {
  if (guarded === undefined) return true;
  return rule.spec?.toLowerCase().includes(guarded.toLowerCase()) === true;
}

const editors = new Set(['Write', 'MultiEdit', 'NotebookEdit']);

function allowMatch(rule: Rule, use: PathUse, location: Location, tool: string | undefined): boolean {
  const applies = rule.tool === tool || rule.tool === (use === 'edit' ? 'Edit' : 'Read');
  if (!applies || (rule.spec !== undefined && rule.path === undefined)) return false;
  if (rule.tool === tool && use === 'edit' && tool !== 'Edit' && !editors.has(tool)) return false;
  const { path } = rule;
  if (path === undefined) return true;
  const paths = [location.absolute, ...location.reals];
  return paths.every((each) => (use === 'search' ? path.covers(each) : path.matches(each)));
}

/** Denying a read also denies an edit: what may not be seen may not be changed. */
function strictMatch(rule: Rule, use: PathUse, location: Location, tool: string | undefined): boolean {
  const applies = rule.tool === tool || readerRule(rule) || (use === 'edit' && rule.tool === 'Edit');
  if (!applies || (rule.spec !== undefined && rule.path === undefined)) return false;
  const { path } = rule;
  if (path === undefined) return true;
  return [location.absolute, ...location.reals].some(
    (each) => path.matches(each) || (use === 'search' && path.covers(each)),
  );
}

/** Beyond it a pattern with several "**" would take seconds to match. */
export function isTooDeep(path: string): boolean {
  return path.split('/').length > maxDepth;
}

/** Its deny and ask rules say what is not read, by any tool. */
export function readerRule({ tool }: Pick<Rule, 'tool'>): boolean {
  return tool === 'Read';
}

function reachedBy(rule: Rule, location: Location): boolean {
  return (
    rule.path !== undefined && [location.absolute, ...location.reals].some((each) => rule.path?.reaches(each) === true)
  );
}
