// Owns: what an agent_type means: a built-in, an agent file by name or path, or a role description.
// Promises: built-ins cannot be replaced by a file; a name or path that leads nowhere is an error that lists what there is;
// an untrusted file may narrow what a worker can do, never widen it, and each thing it did not get is a notice.
// Never: grants: a permission mode or an MCP server of a file counts only when the one who started aworkers trusts that file.
import { realpathSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { type AgentFile, parseAgentFile } from './agent-file.ts';
import { offeredTools } from './agent-tools.ts';
import { agentsFolder, findAgents, type FoundAgent } from './agent-folders.ts';
import { isInside, projectOf } from './project-folders.ts';
import { AworkersError } from './contract/errors.ts';
import type { Notice, PermissionMode, WorkerOptions } from './contract/options.ts';
import { nearest } from './contract/parse.ts';
import type { WorkerPlan } from './contract/task.ts';
import { fault } from './front-matter.ts';
import { readRealText } from './project-text.ts';
import { explorePrompt, generalPurposePrompt, rolePrompt } from './prompts.ts';

type AgentScope = 'builtin' | 'project' | 'user' | 'path' | 'text';

export type AgentType = {
  /** What the log says: a built-in's or a file's name, or "custom" for a role description. */
  readonly label: string;
  readonly system: string;
  /** Names of the tools that are offered. */
  readonly tools: readonly string[] | 'all';
  /** Deny rules; a bare tool name also removes the tool. */
  readonly disallowed: readonly string[];
  /** Under the options of a call, over the defaults. */
  readonly options: WorkerOptions;
  readonly permission_mode?: PermissionMode;
  /** As in the file: names, or names with configurations. */
  readonly mcp_servers?: unknown;
  /** Path of the file; null when there is none. */
  readonly source: string | null;
  readonly scope: AgentScope;
  readonly notices: readonly Notice[];
};

export type AgentWorld = {
  /** Absolute. */
  readonly cwd: string;
  readonly home: string;
  readonly trustProject: boolean;
  /** Files that the caller names by a path outside project and home count as much as home's. */
  readonly trustCaller?: boolean;
  /** Names of the tools there are. */
  readonly tools?: readonly string[];
};

const plain = { disallowed: [], options: {}, source: null, notices: [] } as const;
const builtins: readonly AgentType[] = [
  {
    ...plain,
    label: 'general-purpose',
    system: generalPurposePrompt,
    tools: 'all',
    scope: 'builtin',
  },
  {
    ...plain,
    label: 'Explore',
    system: explorePrompt,
    tools: ['Glob', 'Grep', 'Read'],
    scope: 'builtin',
  },
];

/** What of it a plan keeps for the permissions. */
export function agentPart({ scope, disallowed, permission_mode }: AgentType): WorkerPlan['agent'] {
  return { scope, disallowed: [...disallowed], ...(permission_mode === undefined ? {} : { permission_mode }) };
}

export async function resolveAgentType(agentType: string | undefined, world: AgentWorld): Promise<AgentType> {
  const asked = agentType?.trim() ?? 'general-purpose';
  const builtin = builtins.find(({ label }) => label.toLowerCase() === asked.toLowerCase());
  if (builtin !== undefined) return builtin;
  const words = /\s/.test(asked);
  if (/\.md$/i.test(asked) && !asked.includes('\n')) {
    const byPath = fromPath(asked, world, !words || /^(\/|~\/|\.\.?\/)/.test(asked));
    if (byPath !== undefined) return byPath;
  }
  const found = findAgents(world.cwd, world.home);
  const named = found.find((agent) => 'file' in agent && agent.file.name === asked);
  if (named !== undefined && 'file' in named) return fromFile(named.file, named.scope, named.scope === 'user', world);
  if (words) return { ...plain, label: 'custom', system: rolePrompt(asked), tools: 'all', scope: 'text' };
  throw unknownAgent(asked, found);
}

/** undefined: there is no such file, and the text may be a role description. */
function fromPath(asked: string, world: AgentWorld, must: boolean): AgentType | undefined {
  const expanded = asked.startsWith('~/') ? join(world.home, asked.slice(2)) : asked;
  const path = isAbsolute(expanded) ? expanded : resolve(world.cwd, expanded);
  let source: string;
  let real: string;
  try {
    real = realpathSync(path);
    if (!/\.md$/i.test(real)) throw new Error('it leads to a file that is no .md');
    source = readRealText(real);
  } catch (cause) {
    if (!must) return undefined;
    throw new AworkersError(
      'usage',
      `agent_type ${asked}: there is no readable file ${path}.`,
      listing(findAgents(world.cwd, world.home)),
      {
        cause,
      },
    );
  }
  const file = parseAgentFile(source, path);
  if (isInside(path, agentsFolder(world.home))) return fromFile(file, 'user', true, world);
  // Also by a way around, such as /proc/self/cwd.
  const { root } = projectOf(world.cwd);
  const inProject = isInside(path, root) || isInside(real, realpathSync(root));
  return fromFile(file, 'path', inProject ? world.trustProject : world.trustCaller === true, world);
}

function fromFile(file: AgentFile, scope: 'project' | 'user' | 'path', trusted: boolean, world: AgentWorld): AgentType {
  if (file.hasFrontMatter && file.name === undefined) throw fault(file.path, 1, 'the front matter has no name');
  const trust = trusted || (scope === 'project' && world.trustProject);
  const mode = file.permission_mode;
  const keepsMode = trust || mode === 'plan' || mode === undefined; // plan, the strictest, cannot widen anything
  const offered = offeredTools(file, world.tools);
  return {
    label: file.name ?? basename(file.path).replace(/\.md$/i, ''),
    system: rolePrompt(file.role),
    tools: offered.tools,
    disallowed: file.disallowed,
    options: file.options,
    ...(mode !== undefined && keepsMode ? { permission_mode: mode } : {}),
    ...(trust && file.mcp_servers !== undefined ? { mcp_servers: file.mcp_servers } : {}),
    source: file.path,
    scope,
    notices: [
      ...file.notices,
      ...offered.notices,
      ...(keepsMode ? [] : [untrusted('permissionMode', mode, scope)]),
      ...(trust || file.mcp_servers === undefined ? [] : [untrusted('mcpServers', file.mcp_servers, scope)]),
    ],
  };
}

function untrusted(key: string, requested: unknown, scope: AgentScope): Notice {
  const how = scope === 'project' ? '--trust-project' : '--trust-project (a file of the project) or --trust-caller';
  const reason = `A file that is not trusted cannot widen what a worker may do. It counts when aworkers runs with ${how}.`;
  return { option: `agent_type.${key}`, requested, sent: null, reason };
}

function unknownAgent(asked: string, found: readonly FoundAgent[]): AworkersError {
  const sameStem = found.find((agent) => basename(agent.path, '.md') === asked);
  if (sameStem !== undefined && 'problem' in sameStem) return sameStem.problem;
  if (sameStem !== undefined && sameStem.file.name === undefined) {
    return fault(sameStem.path, 1, 'the front matter has no name');
  }
  const near = nearest(asked, names(found)) ?? (sameStem !== undefined ? sameStem.file.name : undefined);
  const suggestion = near === undefined ? '' : `, did you mean "${near}"?`;
  return new AworkersError(
    'usage',
    `agent_type "${asked}" is neither a known agent nor an .md file${suggestion === '' ? '.' : suggestion}`,
    `${listing(found)} A role description has more than one word.`,
  );
}

function names(found: readonly FoundAgent[]): string[] {
  const files = found.flatMap((agent) => ('file' in agent && agent.file.name !== undefined ? [agent.file.name] : []));
  return [...new Set([...builtins.map(({ label }) => label), ...files])];
}

function listing(found: readonly FoundAgent[]): string {
  const broken = found.flatMap((agent) => ('problem' in agent ? [agent.problem.message] : []));
  const faults = broken.length === 0 ? '' : ` Not usable: ${broken.slice(0, 3).join(' ')}`;
  return `There are: ${names(found).slice(0, 30).join(', ')}.${faults}`;
}
