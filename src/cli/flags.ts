// Owns: the flags that commands share, in groups; the help prints each group under its title.
// Promises: every worker option is the kebab-case flag of the same name; a definition is written once and used by identity.
// Never: reads a value (worker-options.ts and config.ts do).
import { efforts, permissionModes } from '../contract/options.ts';
import { sandboxModes } from '../app-config.ts';
import { batchFlags, timeoutFlag } from './batch-flags.ts';
import type { Flags } from './command.ts';

export const modelFlags = {
  model: {
    type: 'string',
    valueHint: 'id',
    description: 'Model id or alias: haiku, sonnet, opus, fable. Default: AWORKERS_MODEL, else claude-sonnet-5-5.',
  },
  temperature: { type: 'string', valueHint: '0..1', description: 'Randomness of the replies.' },
  'top-p': { type: 'string', valueHint: '0..1', description: 'Sample from this share of the probability mass.' },
  'top-k': { type: 'string', valueHint: 'n', description: 'Sample from the n likeliest tokens only.' },
  'max-tokens': {
    type: 'string',
    valueHint: 'n',
    description: 'Longest reply. Default: 32000, or the cap of the model.',
  },
  thinking: {
    type: 'string',
    valueHint: 'true|false|n',
    description: 'Think before answering; a number is a budget in tokens, at least 1024.',
  },
  effort: { type: 'enum', options: efforts, description: 'How hard the model tries.' },
  strict: { type: 'boolean', description: 'Refuse an option that the model does not take, instead of adapting it.' },
} as const satisfies Flags;

export const limitFlags = {
  'max-turns': { type: 'string', valueHint: 'n', description: 'End the worker as failed after n replies.' },
  'max-cost-usd': { type: 'string', valueHint: 'dollars', description: 'End the worker as failed at this cost.' },
  'timeout-seconds': {
    type: 'string',
    valueHint: 'seconds',
    description: 'End the worker as failed after so long.',
  },
} as const satisfies Flags;

export const taskFlags = {
  'agent-type': {
    type: 'string',
    valueHint: 'agent',
    description: 'general-purpose (default), Explore (read-only), an agent name, an .md file, or a role in words.',
  },
  cwd: { type: 'string', valueHint: 'directory', description: 'Where the worker works. Default: here.' },
  isolation: {
    type: 'enum',
    options: ['worktree', 'dirty-worktree'],
    description: 'Edit in a git worktree based on HEAD; dirty-: with what is not committed yet.',
  },
  'output-schema': {
    type: 'string',
    valueHint: 'json|@file',
    description: 'JSON Schema that the result must satisfy.',
  },
} as const satisfies Flags;

export const permissionFlags = {
  allow: {
    type: 'string',
    multiple: true,
    valueHint: 'rule',
    description: "Run this unasked: 'Bash(npm test:*)', 'Edit(src/**)', Read. Repeatable.",
  },
  deny: {
    type: 'string',
    multiple: true,
    valueHint: 'rule',
    description: 'Never run this; wins over every allow. Repeatable.',
  },
  'permission-mode': {
    type: 'enum',
    options: permissionModes,
    description: 'What is decided without asking. Default: default.',
  },
  'trust-project': {
    type: 'boolean',
    description: 'Let allow rules, MCP servers and skills of the project count. Its deny rules always do.',
  },
  sandbox: {
    type: 'enum',
    options: sandboxModes,
    default: 'off',
    description: 'Run commands in a sandbox; auto: when there is one.',
  },
} as const satisfies Flags;

export const contextFlags = {
  'no-memory': {
    type: 'boolean',
    description: 'Leave out CLAUDE.md and AGENTS.md, of the project and of home.',
  },
} as const satisfies Flags;

export const serverFlags = {
  'mcp-config': {
    type: 'string',
    multiple: true,
    valueHint: 'file',
    description: 'Offer workers the MCP servers of this file (the form of .mcp.json). Repeatable.',
  },
} as const satisfies Flags;

/** As in task files: the same as --allow and --deny, but for one worker and kept with it. */
export const toolFlags = {
  'allowed-tools': {
    type: 'string',
    multiple: true,
    valueHint: 'rules',
    description: 'Allow rules kept with the worker, also when it is resumed; comma-separated. Repeatable.',
  },
  'disallowed-tools': {
    type: 'string',
    multiple: true,
    valueHint: 'rules',
    description: 'Deny rules kept with the worker; a bare tool name takes the tool away. Repeatable.',
  },
} as const satisfies Flags;

/** Which worker, of commands that are about one. */
export const workerArgument = {
  id: {
    type: 'positional',
    required: true,
    description: 'worker_id or session_id, or its first 6 or more characters.',
  },
} as const satisfies Flags;

export const logsFlags = {
  'logs-dir': {
    type: 'string',
    valueHint: 'directory',
    description: 'Where logs are. Default: AWORKERS_LOGS_DIR, else ./logs.',
  },
} as const satisfies Flags;

export const workerFlags = { ...modelFlags, ...limitFlags, ...taskFlags, ...toolFlags } as const;

export const flagGroups: readonly { readonly title: string; readonly flags: Flags }[] = [
  { title: 'Batches, sweeps and CI', flags: batchFlags },
  { title: 'Model', flags: modelFlags },
  { title: 'Limits', flags: { ...limitFlags, ...timeoutFlag } },
  { title: 'Task', flags: taskFlags },
  { title: 'Context', flags: contextFlags },
  { title: 'Permissions', flags: { ...permissionFlags, ...toolFlags } },
  { title: 'MCP servers', flags: serverFlags },
  { title: 'Logs', flags: logsFlags },
];
