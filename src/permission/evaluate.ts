// Owns: the verdict on one tool call: the strictest of its parts, then what the mode makes of a question.
// Promises: pure; deny over ask over allow, whatever the order or length of the rules; a failure of its own asks.
// Never: runs, opens or resolves anything but through the PathResolver.
import type { Decision, JudgedPart, ToolCall, Verdict } from '../contract/permission.ts';
import { clip } from '../contract/text.ts';
import { matchesPieces } from '../contract/wildcard.ts';
import { joinPattern, judgeLocation, locate, type PathUse } from './paths.ts';
import { scalarMatch } from './rules.ts';
import { judgeShell } from './shell/judge.ts';
import { strictest } from './strictest.ts';
import type { Rule, World } from './world.ts';

export function evaluate(world: World, call: ToolCall): Verdict {
  const { parts, real_path } = judged(world, call);
  const worst = summary(parts);
  const { decision, reason } = inMode(world, worst);
  return {
    decision,
    reason: sentence(reason),
    ...(worst.rule === undefined ? {} : { rule: worst.rule }),
    ...(real_path === undefined ? {} : { real_path }),
    parts,
  };
}

type Judged = { readonly parts: readonly JudgedPart[]; readonly real_path?: string | undefined };

function judged(world: World, call: ToolCall): Judged {
  try {
    const named = judgeName(world, call);
    const { parts, real_path } = judgeInput(world, call);
    return { parts: [...named, ...parts], real_path };
  } catch (error) {
    // Doubt never allows: what the gate cannot judge, a person must.
    const cause = error instanceof Error ? error.message : String(error);
    return { parts: [{ part: call.tool, decision: 'ask', reason: `${call.tool} could not be judged (${cause})` }] };
  }
}

function summary(parts: readonly JudgedPart[]): JudgedPart {
  const worst = strictest(parts);
  const reasons = new Set(parts.map((part) => part.reason));
  return worst.decision === 'allow' && reasons.size > 1 ? { ...worst, reason: 'every part is allowed' } : worst;
}

/** What dontAsk makes of a question is a denial, so that nothing waits. */
function inMode(world: World, { decision, reason }: JudgedPart): { decision: Decision; reason: string } {
  if (world.mode !== 'dontAsk' || decision !== 'ask') return { decision, reason };
  return { decision: 'deny', reason: `${reason}, and mode dontAsk asks nobody` };
}

function sentence(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ⏎ ');
  const cut = clip(line, 300);
  return `${cut.charAt(0).toUpperCase()}${cut.slice(1)}${/[.…]$/.test(cut) ? '' : '.'}`;
}

/** Deny and ask rules that name the tool, bare, by pattern, or by a value of its input. */
function judgeName(world: World, call: ToolCall): readonly JudgedPart[] {
  return (['deny', 'ask'] as const).flatMap((decision) => {
    const rule = world.rules.find((each) => each.decision === decision && isAbout(each, call));
    if (rule === undefined) return [];
    return [
      { part: call.tool, decision, reason: `${call.tool} matches the ${decision} rule ${rule.text}`, rule: rule.text },
    ];
  });
}

function isAbout(rule: Rule, call: ToolCall): boolean {
  if (!toolMatches(rule.tool, call.tool)) return false;
  if (rule.spec === undefined) return true;
  const scalar = scalarMatch(rule.tool, rule.spec);
  if (scalar !== undefined) {
    const value = call.input[scalar.key];
    return (
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
      String(value) === scalar.value
    );
  }
  return rule.command === undefined && rule.path === undefined && specMatches(rule, call);
}

/** `mcp__server` and `mcp__server__*` name all its tools; "*" stands for any text. */
export function toolMatches(pattern: string, tool: string): boolean {
  if (pattern === tool || (tool === 'Task' && pattern === 'Agent')) return true;
  if (pattern.includes('*')) return matchesPieces(pattern.split('*'), tool);
  return /^mcp__[^_]+(_[^_]+)*$/.test(pattern) && tool.startsWith(`${pattern}__`);
}

function specMatches(rule: Rule, call: ToolCall): boolean {
  const { spec = '' } = rule;
  if (call.tool === 'WebFetch') return hostMatches(spec.replace(/^domain:/, ''), call.input['url']);
  const name = ['subagent_type', 'agent_type', 'skill', 'name']
    .map((key) => call.input[key])
    .find((value) => typeof value === 'string');
  const known = typeof name === 'string' ? name : 'general-purpose';
  if (spec.endsWith(':*'))
    return (
      known === spec.slice(0, -2) ||
      known.startsWith(`${spec.slice(0, -2)} `) ||
      known.startsWith(`${spec.slice(0, -2)}:`)
    );
  return known === spec;
}

function hostMatches(pattern: string, url: unknown): boolean {
  const host = hostOf(url);
  if (host === undefined) return false;
  const wanted = pattern.toLowerCase().replace(/\.$/, '');
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
}

/** The host a fetch would go to, as the URL standard reads it; undefined for anything but http and https. */
export function hostOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? hostname.toLowerCase().replace(/\.$/, '') : undefined;
}

const pathInputs: Readonly<Record<string, { readonly use: PathUse; readonly key: string }>> = {
  Read: { use: 'read', key: 'file_path' },
  NotebookRead: { use: 'read', key: 'notebook_path' },
  Write: { use: 'edit', key: 'file_path' },
  Edit: { use: 'edit', key: 'file_path' },
  MultiEdit: { use: 'edit', key: 'file_path' },
  NotebookEdit: { use: 'edit', key: 'notebook_path' },
  Grep: { use: 'search', key: 'path' },
  Glob: { use: 'search', key: 'path' },
  LS: { use: 'search', key: 'path' },
};

function judgeInput(world: World, call: ToolCall): Judged {
  const { tool, input } = call;
  if (tool === 'Bash') return { parts: judgeBash(world, input) };
  const known = Object.hasOwn(pathInputs, tool) ? pathInputs[tool] : undefined;
  if (known === undefined) return { parts: [judgeOther(world, call)] };
  const given = input[known.key] ?? (known.use === 'search' ? '.' : undefined);
  if (typeof given !== 'string' || given === '') {
    return { parts: [{ part: tool, decision: 'ask', reason: `${tool} names no ${known.key}` }] };
  }
  const pattern = tool === 'Glob' ? input['pattern'] : undefined;
  const path = typeof pattern === 'string' ? joinPattern(given, pattern) : given;
  const location = locate(world, path, world.cwd);
  return { parts: [judgeLocation(world, known.use, path, location, { tool })], real_path: location.real };
}

function judgeBash(world: World, input: ToolCall['input']): readonly JudgedPart[] {
  const command = input['command'];
  if (typeof command !== 'string') return [{ part: 'Bash', decision: 'ask', reason: 'Bash names no command' }];
  const parts = judgeShell(world, command);
  const escapes = input['dangerouslyDisableSandbox'] === true;
  const outside: JudgedPart = { part: 'Bash', decision: 'ask', reason: 'it asks to run outside the sandbox' };
  if (escapes) return [...parts, outside];
  return parts.length > 0 ? parts : [{ part: command, decision: 'allow', reason: 'does nothing' }];
}

function judgeOther(world: World, call: ToolCall): JudgedPart {
  const part = call.tool;
  if (world.mode === 'plan' && call.access !== 'read')
    return { part, decision: 'deny', reason: 'mode plan only reads' };
  const rule = world.rules.find((each) => each.decision === 'allow' && isAbout(each, call));
  if (rule !== undefined) return { part, decision: 'allow', reason: `allowed by ${rule.text}`, rule: rule.text };
  if (world.mode === 'bypassPermissions') return { part, decision: 'allow', reason: 'mode bypassPermissions' };
  const host = call.tool === 'WebFetch' ? hostOf(call.input['url']) : undefined;
  return {
    part,
    decision: 'ask',
    reason: host === undefined ? `no rule allows ${part}` : `no rule allows fetching from ${host}`,
  };
}
