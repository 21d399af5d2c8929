// Owns: the syntax of permission rules: `Tool` or `Tool(spec)`, from text to data.
// Promises: a malformed rule is an error that names its source and what is wrong; none is ever ignored.
// Never: decides whether a rule may be given (grants.ts), or matches anything (evaluate.ts).
import { AworkersError } from '../contract/errors.ts';
import type { PermissionRule } from '../contract/permission.ts';

/** `spec` undefined: the bare tool. */
export type ParsedRule = PermissionRule & { readonly tool: string; readonly spec: string | undefined };

const shape = /^([^()\s]+)(?:\(([\s\S]*)\))?$/;
const toolName = /^[A-Z][A-Za-z0-9_]*$/;
const mcpName = /^mcp__[A-Za-z0-9_.-]+$/;
const mcpAllowGlob = /^mcp__[A-Za-z0-9_.-]+?__[A-Za-z0-9_.*-]+$/;
const anyGlob = /^[A-Za-z0-9_.*-]+$/;

/** Other names of one tool. */
const aliases: Readonly<Record<string, string>> = { Task: 'Agent' };

/** A rule is parsed where it is read, where it is granted and where it is asked: once is enough. */
const parsed = new WeakMap<PermissionRule, ParsedRule>();

export function parseRule(rule: PermissionRule): ParsedRule {
  const known = parsed.get(rule);
  if (known !== undefined) return known;
  const now = parse(rule);
  parsed.set(rule, now);
  return now;
}

function parse(rule: PermissionRule): ParsedRule {
  const text = rule.text.trim();
  const match = shape.exec(text);
  if (match === null) throw malformed(rule, 'expected Tool or Tool(pattern)');
  const name = match[1] ?? '';
  const tool = aliases[name] ?? name;
  const spec = match[2] === undefined || match[2].trim() === '*' ? undefined : match[2].trim();
  if (spec === '') throw malformed(rule, 'the pattern in the parentheses is empty');
  const problem = problemOfName(rule, tool) ?? problemOfSpec(rule, tool, spec);
  if (problem !== undefined) throw malformed(rule, problem);
  return { ...rule, tool, spec };
}

function problemOfName(rule: PermissionRule, tool: string): string | undefined {
  if (toolName.test(tool) || mcpName.test(tool)) return undefined;
  if (!tool.includes('*')) return `"${tool}" is not a tool name (they start with a capital, like Bash, or with mcp__)`;
  if (rule.decision === 'allow') {
    return mcpAllowGlob.test(tool) ? undefined : 'an allow rule may use * in a tool name only after mcp__server__';
  }
  return anyGlob.test(tool) ? undefined : `"${tool}" is not a tool name`;
}

function problemOfSpec(rule: PermissionRule, tool: string, spec: string | undefined): string | undefined {
  if (spec === undefined) return undefined;
  const scalar = scalarMatch(tool, spec) !== undefined;
  if (scalar) {
    return rule.decision === 'allow' ? 'only deny and ask rules may match an input value' : undefined;
  }
  if (tool === 'WebFetch') return webFetchProblem(spec);
  if (isPathTool(tool) && spec.split('**').length > 4) return 'a path may hold "**" three times at most';
  if (tool.startsWith('mcp__') || tool.includes('*')) return 'an MCP tool or a pattern of names takes no parentheses';
  if (tool === 'Bash' && /:\*./s.test(spec)) return ':* stands only at the end';
  return undefined;
}

function webFetchProblem(spec: string): string | undefined {
  const host = /^domain:((\*\.)?[\w.-]+|\[[\dA-Fa-f:.]+\]|\*)$/.test(spec);
  return host ? undefined : 'expected WebFetch(domain:host)';
}

const reserved = new Set(['command', 'file_path', 'path', 'url', 'notebook_path', 'domain']);
const pathTools = new Set(['Read', 'Edit', 'Write', 'MultiEdit', 'NotebookEdit', 'Grep', 'Glob', 'LS']);

export function isPathTool(tool: string): boolean {
  return pathTools.has(tool);
}

/** `Tool(key:value)` against a scalar of the input. Path patterns, and Bash patterns but for these keys, own their colons. */
export function scalarMatch(tool: string, spec: string): { readonly key: string; readonly value: string } | undefined {
  const match = /^([a-z][a-z_]*):([^*\s][^\s]*)$/.exec(spec);
  const key = match?.[1] ?? '';
  if (match === null || reserved.has(key) || pathTools.has(tool)) return undefined;
  if (tool === 'Bash' && !['run_in_background', 'timeout', 'description'].includes(key)) return undefined;
  return { key, value: match[2] ?? '' };
}

function malformed(rule: PermissionRule, problem: string): AworkersError {
  return new AworkersError(
    'usage',
    `Permission rule "${rule.text}" (${rule.decision}, from ${rule.source}) is malformed: ${problem}.`,
    'Write it as Tool or Tool(pattern), for example Bash(npm test:*), Edit(src/**), WebFetch(domain:example.com).',
  );
}
