// Owns: what every judgement of one worker stands on: its compiled rules, its mode, its directories.
// Promises: built once per policy; adding an answered rule is the only change. Protected directories are resolved as they are asked for.
// Never: judges.
import type { PermissionMode } from '../contract/options.ts';
import type { PermissionRule } from '../contract/permission.ts';
import type { PathResolver } from '../contract/ports.ts';
import { type CommandPattern, commandPattern } from './command-pattern.ts';
import { type PathPattern, pathPattern, toPosix } from './path-pattern.ts';
import { isPathTool, type ParsedRule, parseRule } from './rules.ts';

export type Rule = ParsedRule & { readonly command?: CommandPattern; readonly path?: PathPattern };

export type PolicyInput = {
  readonly rules: readonly PermissionRule[];
  readonly mode: PermissionMode;
  readonly cwd: string;
  readonly paths: PathResolver;
  /** Real directories in which reading needs no question, and in acceptEdits editing. Default: where cwd leads. */
  readonly workspace?: readonly string[];
  /** Absolute directories that no edit enters unasked, such as the journals'. Where they lead is asked as an edit is judged. */
  readonly protectedDirectories?: readonly string[];
  /** The Grep and Glob tools leave out files that `deniesReading` names: then searching above a denied file need not ask. */
  readonly searchSkipsDenied?: boolean;
};

export type World = {
  readonly rules: Rule[];
  readonly mode: PermissionMode;
  /** As given, for the resolver. */
  readonly cwd: string;
  readonly home: string;
  /** Real paths. */
  readonly workspace: readonly string[];
  /** As written and real; each look asks the kernel anew, so that it is as fresh as the path that is judged. */
  readonly protectedDirectories: readonly string[];
  readonly searchSkipsDenied: boolean;
  readonly paths: PathResolver;
};

export function createWorld(input: PolicyInput): World {
  const { cwd, paths } = input;
  const real = (path: string) => toPosix(paths.resolve(path, cwd).real);
  let home: string | undefined;
  const world: World = {
    rules: [],
    mode: input.mode,
    cwd,
    get home() {
      return (home ??= toPosix(paths.resolve('~', cwd).absolute));
    },
    workspace: input.workspace?.map(toPosix) ?? [real(cwd)],
    get protectedDirectories() {
      return [...new Set((input.protectedDirectories ?? []).flatMap((path) => [toPosix(path), real(path)]))];
    },
    searchSkipsDenied: input.searchSkipsDenied === true,
    paths,
  };
  for (const rule of input.rules) world.rules.push(compileRule(rule, world));
  return world;
}

const commandRules = new WeakMap<ParsedRule, Rule>();

/** The same wherever it holds, so it is compiled once. */
function commandRule(parsed: ParsedRule, spec: string): Rule {
  const known = commandRules.get(parsed);
  if (known !== undefined) return known;
  const rule = { ...parsed, command: commandPattern(spec) };
  commandRules.set(parsed, rule);
  return rule;
}

export function compileRule(rule: PermissionRule, world: Pick<World, 'cwd' | 'home'>): Rule {
  const parsed = parseRule(rule);
  if (parsed.spec === undefined) return parsed;
  if (parsed.tool === 'Bash') return commandRule(parsed, parsed.spec);
  if (!isPathTool(parsed.tool)) return parsed;
  const root = rule.root === undefined ? undefined : toPosix(rule.root);
  return {
    ...parsed,
    path: pathPattern(parsed.spec, rule.decision, { cwd: toPosix(world.cwd), home: world.home, root }),
  };
}
