// Owns: which tools beyond the six a worker is offered, and what of its context belongs to them.
// Promises: with nothing configured nothing is added, not one token; WebFetch comes when a rule or an agent file names it;
// WebSearch, which runs where no call can be asked about, only when the gate allows it outright; Skill when there are skills.
// Never: grants: the gate judges every call of a tool that is offered here.
import type { AgentType } from './agent-types.ts';
import type { Hidden } from './context-files.ts';
import type { Notice, WorkerOptions } from './contract/options.ts';
import type { PermissionRule } from './contract/permission.ts';
import type { Policy, ServerTool } from './contract/ports.ts';
import { findSkills, skillList, skillNotices } from './skills.ts';
import { removesTool } from './permission/index.ts';

export type ExtraWorld = {
  readonly agent: AgentType;
  readonly options: WorkerOptions;
  readonly cwd: string;
  readonly home: string;
  readonly trustProject: boolean;
  /** In force for this worker. */
  readonly rules: readonly PermissionRule[];
  readonly policy: Policy;
  readonly hidden: Hidden;
  /** The API's own search for this model and host, or why there is none. */
  readonly webSearch: () => ServerTool | string;
};

export type ExtraTools = {
  readonly names: readonly string[];
  readonly serverTools: readonly ServerTool[];
  readonly context: readonly string[];
  readonly notices: readonly Notice[];
};

/** All names that can be offered beside the six. */
export const extraNames = ['Skill', 'WebFetch', 'WebSearch'] as const;

export async function extraToolsFor(world: ExtraWorld): Promise<ExtraTools> {
  const fetches = isNamed('WebFetch', world) && !removesTool(world.rules, 'WebFetch');
  const parts = [fetches ? { ...nothing, names: ['WebFetch'] } : nothing, webSearch(world), await skills(world)];
  return {
    names: parts.flatMap(({ names }) => names),
    serverTools: parts.flatMap(({ serverTools }) => serverTools),
    context: parts.flatMap(({ context }) => context),
    notices: parts.flatMap(({ notices }) => notices),
  };
}

const nothing: ExtraTools = { names: [], serverTools: [], context: [], notices: [] };

/** A caller that cannot grant may still name a tool: each call of it asks then. */
function isNamed(tool: string, { agent, options, rules }: ExtraWorld): boolean {
  const allowed = rules
    .filter((rule) => rule.decision === 'allow' && rule.source !== 'builtin')
    .map(({ text }) => text);
  const named = [...allowed, ...(options.allowed_tools ?? [])].some((text) => text.split('(')[0]?.trim() === tool);
  return agent.tools === 'all' ? named : agent.tools.includes(tool);
}

function webSearch(world: ExtraWorld): ExtraTools {
  if (!isNamed('WebSearch', world) || removesTool(world.rules, 'WebSearch')) return nothing;
  const call = { tool_use_id: 'offer', tool: 'WebSearch', input: {}, access: 'execute' } as const;
  const allowed = world.policy.evaluate(call).decision === 'allow';
  const tool = allowed
    ? world.webSearch()
    : 'It runs on the server of the API, where no search can be asked about: only a rule of the person who starts aworkers offers it, --allow WebSearch.';
  if (typeof tool !== 'string') return { ...nothing, names: ['WebSearch'], serverTools: [tool] };
  return { ...nothing, notices: [{ option: 'tools', requested: 'WebSearch', sent: null, reason: tool }] };
}

async function skills(world: ExtraWorld): Promise<ExtraTools> {
  const { agent, rules, trustProject } = world;
  const wants = agent.tools === 'all' || agent.tools.includes('Skill');
  const removed = [...agent.disallowed, ...(world.options.disallowed_tools ?? [])];
  if (!wants || removed.includes('Skill') || removesTool(rules, 'Skill')) return nothing;
  const found = await findSkills(world);
  const offer =
    found.skills.length === 0 ? nothing : { ...nothing, names: ['Skill'], context: skillList(found.skills) };
  return { ...offer, notices: skillNotices(found, trustProject) };
}
