// Owns: the rules of one worker as one value: parsed once, asked for every call.
// Promises: the same rules and call give the same verdict.
// Never: touches a file: where a path leads is asked of the PathResolver.
import type { PermissionMode } from '../contract/options.ts';
import type { Decision, PermissionRule, ToolCall, Verdict } from '../contract/permission.ts';
import type { PathResolver, Policy } from '../contract/ports.ts';
import { type ParsedRule, parseRule } from './rules.ts';

export type PolicyInput = {
  readonly rules: readonly PermissionRule[];
  readonly mode: PermissionMode;
  readonly cwd: string;
  readonly paths: PathResolver;
  /** Absolute directories that count as workspace beside cwd. */
  readonly additionalDirectories?: readonly string[];
};

/** Throws AworkersError ('usage') when a rule is malformed. */
export function createPolicy(input: PolicyInput): Policy {
  const rules = input.rules.map(parseRule);
  return {
    evaluate: (call) => evaluate(rules, input, call),
    remember(text) {
      rules.push(parseRule({ decision: 'allow', text, source: 'answer' }));
    },
  };
}

function evaluate(rules: readonly ParsedRule[], input: PolicyInput, call: ToolCall): Verdict {
  for (const decision of ['deny', 'ask', 'allow'] as const) {
    const rule = rules.find((candidate) => candidate.decision === decision && candidate.tool === call.tool);
    if (rule !== undefined && rule.spec === undefined) return verdict(decision, `Rule ${rule.text}.`, rule.text);
  }
  if (call.access === 'read') {
    const target = call.input['file_path'] ?? call.input['path'] ?? '.';
    if (typeof target !== 'string') return verdict('ask', `${call.tool} names no path.`);
    const { real } = input.paths.resolve(target, input.cwd);
    const root = input.paths.resolve('.', input.cwd).real;
    if (real === root || real.startsWith(`${root}/`)) return verdict('allow', 'Reads inside the working directory.');
  }
  return verdict('ask', `${call.tool} needs a permission.`);
}

function verdict(decision: Decision, reason: string, rule?: string): Verdict {
  return { decision, reason, ...(rule === undefined ? {} : { rule }), parts: [] };
}
