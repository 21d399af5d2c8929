// Owns: the words of the gate: calls, rules, verdicts, requests, resolutions.
// Promises: everything a person is asked, and everything that was answered, is plain data.
// Never: decides.
import { z } from 'zod';
import { once, type Read } from './once.ts';

export const decisions = ['allow', 'ask', 'deny'] as const; // in rising strictness
export type Decision = (typeof decisions)[number];

/** What a tool does to the world: the default decision follows from it. */
export type Access = 'read' | 'write' | 'execute';

/** One tool use, parsed, about to be judged. */
export type ToolCall = {
  readonly tool_use_id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly access: Access;
};

/** Where a rule came from, for reasons and for what it may grant. */
export type RuleSource = 'options' | 'agent' | 'cli' | 'user' | 'project' | 'local' | 'server' | 'answer' | 'builtin';

export type PermissionRule = {
  readonly decision: Decision;
  /** As written, e.g. "Bash(npm run test:*)". */
  readonly text: string;
  readonly source: RuleSource;
  /** Absolute directory that a leading "/" in a path pattern stands for (that of the settings file). */
  readonly root?: string;
};

/** One part of a call (a simple command, a path) and what decided it. */
export type JudgedPart = {
  readonly part: string;
  readonly decision: Decision;
  readonly reason: string;
  readonly rule?: string;
};

export type Verdict = {
  readonly decision: Decision;
  /** One line that a person or a model can act on. */
  readonly reason: string;
  /** The rule that decided, as written; absent when a default did. */
  readonly rule?: string;
  /** A rule no wider than needed that would allow this call; absent when no rule could. */
  readonly suggested_rule?: string;
  /** Where the path of the call really leads, as it was judged; of tools that name one path. */
  readonly real_path?: string;
  readonly parts: readonly JudgedPart[];
};

/** What a tool is told of the very call that it runs or previews. */
export type JudgedCall = {
  readonly tool_use_id: string;
  /** Of the verdict that allowed the call, or of the question that was answered. A tool opens nothing else. */
  readonly real_path?: string | undefined;
};

export const permissionRequestSchema = once(() =>
  z.object({
    request_id: z.string(),
    worker_id: z.string(),
    description: z.string(),
    tool: z.string(),
    tool_use_id: z.string(),
    input: z.record(z.string(), z.unknown()),
    reason: z.string(),
    rule: z.string().optional(),
    suggested_rule: z.string().optional(),
    /** What would change, for a person: a unified diff of an Edit or Write. */
    preview: z.string().optional(),
  }),
);
export type PermissionRequest = Read<typeof permissionRequestSchema>;

export const scopes = ['once', 'worker', 'all'] as const;

/** decided_by "nobody": there was no one who could approve (a CLI run without a terminal). */
export const resolutionSchema = once(() =>
  z.object({
    allow: z.boolean(),
    reason: z.string().optional(),
    scope: z.enum(scopes),
    /** The rule that scope worker or all remembers. */
    remembered_rule: z.string().optional(),
    decided_by: z.enum(['policy', 'host', 'cli', 'nobody']),
  }),
);
export type Resolution = Read<typeof resolutionSchema>;

export type PermissionDenial = {
  readonly tool_name: string;
  readonly tool_use_id: string;
  readonly tool_input: unknown;
  readonly reason: string;
};
