// Owns: the rules of one worker as one value: parsed once, asked for every call.
// Promises: the same rules and call give the same verdict; a question comes with the rule that would answer it.
// Never: touches a file: where a path leads is asked of the PathResolver.
import type { PermissionRule } from '../contract/permission.ts';
import type { PathResolver, Policy } from '../contract/ports.ts';
import { evaluate, toolMatches } from './evaluate.ts';
import { toPosix } from './path-pattern.ts';
import { isTooDeep, judgePath, readerRule } from './paths.ts';
import { parseRule } from './rules.ts';
import { suggestRule } from './suggest.ts';
import { compileRule, createWorld, type PolicyInput } from './world.ts';

/** Throws AworkersError ('usage') when a rule is malformed. */
export function createPolicy(input: PolicyInput): Policy {
  const world = createWorld(input);
  return {
    evaluate(call) {
      const verdict = evaluate(world, call);
      const asks = verdict.decision === 'ask' || (verdict.decision === 'deny' && world.mode === 'dontAsk');
      const rule = asks
        ? suggestRule({ ...world, mode: world.mode === 'dontAsk' ? 'default' : world.mode }, call, verdict)
        : undefined;
      return rule === undefined ? verdict : { ...verdict, suggested_rule: rule };
    },
    remember(text) {
      world.rules.push(compileRule({ decision: 'allow', text, source: 'answer' }, world));
    },
  };
}

/** True for a tool that a deny rule takes away altogether: it is not offered to the model. */
export function removesTool(rules: readonly PermissionRule[]): (tool: string) => boolean {
  const whole = rules
    .filter((rule) => rule.decision === 'deny')
    .map(parseRule)
    .filter(({ spec }) => spec === undefined);
  return (tool) => whole.some((rule) => toolMatches(rule.tool, tool));
}

/** For search tools: true for a file that a Read rule denies or asks about, so that a search can leave it out. */
export function deniesReading(input: {
  readonly rules: readonly PermissionRule[];
  readonly cwd: string;
  readonly paths: PathResolver;
}): (path: string) => boolean {
  const rules = input.rules.filter((rule) => rule.decision !== 'allow' && readerRule(parseRule(rule)));
  if (rules.length === 0) return (path) => isTooDeep(toPosix(path)); // as judged by no rule
  const world = createWorld({ ...input, rules, mode: 'default' });
  return (path) => judgePath(world, 'read', path, world.cwd, { rulesOnly: true }).decision !== 'allow';
}
