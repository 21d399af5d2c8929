// Owns: which tools beyond the six a worker is offered, and what of its context belongs to them.
// Promises: with nothing configured nothing is added, not one token; WebFetch, Task and TodoWrite come when a rule or an agent
// file names them;
// WebSearch, which runs where no call can be asked about, only when the gate allows it outright; Skill when there are skills.
// Never: grants: the gate judges every call of a tool that is offered here.
import type { Project } from './project-folders.ts';
import type { AgentType } from './agent-types.ts';
import type { Notice, WorkerOptions } from './contract/options.ts';
import type { ServerTool } from './contract/ports.ts';
import type { Granted } from './permissions.ts';
import { findSkills, skillList, skillNotices } from './skills.ts';
import { extraToolNames } from './tools/index.ts';

export type ExtraWorld = {
  readonly agent: AgentType;
  readonly options: WorkerOptions;
  readonly project: Project;
  readonly home: string;
  readonly trustProject: boolean;
  readonly granted: Granted;
  /** False: the worker stands too deep to have workers of its own. */
  readonly mayDelegate: boolean;
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
export const extraNames: readonly string[] = [...extraToolNames, 'WebSearch'];

export function extraToolsFor(world: ExtraWorld): ExtraTools {
  const offers = (['WebFetch', 'TodoWrite'] as const).filter((tool) => isNamed(tool, world));
  const delegates = world.mayDelegate && (isNamed('Task', world) || isNamed('Agent', world));
  const names = [...offers, ...(delegates ? ['Task'] : [])];
  const parts = [{ ...nothing, names }, webSearch(world), skills(world)];
  return {
    names: parts.flatMap(({ names }) => names),
    serverTools: parts.flatMap(({ serverTools }) => serverTools),
    context: parts.flatMap(({ context }) => context),
    notices: parts.flatMap(({ notices }) => notices),
  };
}

/** Of a worker that is resumed: its search, if it still may and can search. What it had is all that it gets. */
export function webSearchOnResume(
  had: readonly ServerTool[],
  granted: Granted,
  webSearch: ExtraWorld['webSearch'],
): Pick<ExtraTools, 'serverTools' | 'notices'> {
  if (had.length === 0) return { serverTools: [], notices: [] };
  const tool = isAllowed(granted) ? webSearch() : notAllowed;
  return typeof tool === 'string'
    ? { serverTools: [], notices: [noWebSearch(tool)] }
    : { serverTools: had, notices: [] };
}

const notAllowed =
  'It runs on the server of the API, where no search can be asked about: only a rule of the person who starts aworkers offers it, --allow WebSearch.';

function isAllowed(granted: Granted): boolean {
  const call = { tool_use_id: 'offer', tool: 'WebSearch', input: {}, access: 'execute' } as const;
  return granted.policy([]).evaluate(call).decision === 'allow';
}

function noWebSearch(reason: string): Notice {
  return { option: 'tools', requested: 'WebSearch', sent: null, reason };
}

const nothing: ExtraTools = { names: [], serverTools: [], context: [], notices: [] };

/** A caller that cannot grant may still name a tool: each call of it asks then. */
function isNamed(tool: string, { agent, options, granted }: ExtraWorld): boolean {
  if (granted.removes(tool)) return false;
  if (agent.tools !== 'all') return agent.tools.includes(tool);
  return granted.names(tool) || (options.allowed_tools ?? []).some((text) => text.split('(')[0]?.trim() === tool);
}

function webSearch(world: ExtraWorld): ExtraTools {
  if (!isNamed('WebSearch', world)) return nothing;
  const tool = isAllowed(world.granted) ? world.webSearch() : notAllowed;
  if (typeof tool !== 'string') return { ...nothing, names: ['WebSearch'], serverTools: [tool] };
  return { ...nothing, notices: [noWebSearch(tool)] };
}

function skills(world: ExtraWorld): ExtraTools {
  const { agent, granted, trustProject } = world;
  const wants = agent.tools === 'all' || agent.tools.includes('Skill');
  if (!wants || granted.removes('Skill')) return nothing;
  const found = findSkills({ ...world, mayRead: granted.mayRead });
  if (found.skills.length === 0 && found.problems.length === 0) return nothing;
  const offer =
    found.skills.length === 0 ? nothing : { ...nothing, names: ['Skill'], context: skillList(found.skills) };
  return { ...offer, notices: skillNotices(found, trustProject) };
}
