// Owns: from a task to a plan: agent type, options in force, settings of the model, tools, context, notices.
// Promises: options of a call win over the agent file, the file over defaults; what was changed is a notice; what cannot hold
// is an AworkersError before anything is journaled or sent.
// Never: decides what is granted (grants do), or opens a worker.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectOf } from './project-folders.ts';
import { agentOnResume } from './agent-on-resume.ts';
import { agentPart, type AgentType, resolveAgentType } from './agent-types.ts';
import { childMcp, childOptions, parentPart } from './child-plan.ts';
import { maxDepth } from './contract/delegate.ts';
import { AworkersError } from './contract/errors.ts';
import type { Notice, WorkerOptions } from './contract/options.ts';
import type { ServerTool, Worktrees } from './contract/ports.ts';
import type { McpPlan, Task, WorkerPlan } from './contract/task.ts';
import type { ManagerDeps, PlanOf } from './manager/deps.ts';
import { environmentContext } from './environment-context.ts';
import { extraNames, extraToolsFor, webSearchOnResume } from './extra-tools.ts';
import { gitFacts } from './git-facts.ts';
import { memoryFor, noMemory } from './memory-files.ts';
import { factsOf, type FactTable } from './model/facts.ts';
import type { Host } from './model/host.ts';
import { type Negotiated, negotiate, optionsOnResume } from './model/negotiate.ts';
import { webSearchTool } from './model/web-search.ts';
import { mcpToolNames } from './mcp-client/index.ts';
import type { McpWiring } from './mcp-servers.ts';
import type { Granted, Permissions } from './permissions.ts';
import { isolationOf, refuseMove } from './isolation.ts';
import { sharedLook } from './shared-looks.ts';
import { assertOutputSchema, outputInstruction } from './structured-output.ts';
import { unprovenPlan } from './unproven-plan.ts';

export type PlannerDeps = {
  readonly cwd: string;
  readonly home: string;
  readonly platform: string;
  readonly trustProject: boolean;
  readonly trustCaller: boolean;
  readonly facts: FactTable;
  readonly host: Host;
  readonly defaultModel?: string | undefined;
  readonly now: () => Date;
  /** Names of all tools there are. */
  readonly tools: readonly string[];
  /** Said of every worker of this process. */
  readonly always: readonly Notice[];
  /** What of MCP servers a worker gets; makes it ready. */
  readonly mcp: Pick<McpWiring, 'offer' | 'restore'>;
  readonly worktrees: Pick<Worktrees, 'plan'>;
  readonly grantsOf: Permissions['grantsOf'];
  /** False: no memory files. */
  readonly memory: boolean;
};

export type Planner = {
  readonly plan: (task: Task, signal: AbortSignal, workerId: string) => Promise<WorkerPlan>;
  readonly planChild: (task: Task, signal: AbortSignal, workerId: string, parent: PlanOf) => Promise<WorkerPlan>;
  readonly replan: ManagerDeps['replan'];
};

export function createPlanner(deps: PlannerDeps): Planner {
  async function plan(task: Task, signal: AbortSignal, workerId: string, parent?: PlanOf): Promise<WorkerPlan> {
    const agent = await resolveAgentType(task.agent_type, { ...deps, tools: [...deps.tools, ...extraNames] });
    const model = parent?.plan.settings.model ?? deps.defaultModel;
    const asked: WorkerOptions = { ...(model === undefined ? {} : { model }), ...agent.options, ...task.options };
    const options = parent === undefined ? asked : childOptions(asked, parent.plan);
    const from = workingDirectory(deps.cwd, options.cwd);
    await checkSchema(options);
    const negotiated = negotiate({ ...deps, options, now: deps.now() });
    const isolation = isolationOf(options);
    const own = isolation && (await deps.worktrees.plan(from, workerId, isolation.dirty, signal));
    const worktree = own ?? parent?.plan.worktree;
    const cwd = worktree?.cwd ?? from;
    const project = projectOf(from);
    const git = worktree === undefined ? gitFacts(project) : { isGit: true, branch: worktree.branch, copyOf: from };
    const part = parent && parentPart(parent.worker_id, parent.plan);
    const place = { ...(worktree === undefined ? {} : { worktree }), ...(part === undefined ? {} : { parent: part }) };
    const draft = { agent_type: agent.label, agent: agentPart(agent), options, cwd, ...place };
    const granted = worktree === undefined ? deps.grantsOf(draft, project) : deps.grantsOf(draft);
    const where = { project, home: deps.home, trustProject: deps.trustProject };
    const remembers = deps.memory && !(agent.scope === 'builtin' && agent.label === 'Explore');
    const memory = remembers ? memoryFor({ ...where, mayRead: granted.mayRead }) : noMemory;
    const mayDelegate = (part?.depth ?? 0) < maxDepth;
    const extra = extraToolsFor({
      ...where,
      agent,
      options,
      granted,
      mayDelegate,
      webSearch: searchOf(negotiated),
    });
    const mcp =
      parent !== undefined
        ? { plan: childMcp(parent.plan.mcp, agent.tools), notices: [] }
        : await deps.mcp.offer(agent, options, granted.removes, signal);
    const isShared = (name: string) => parent?.plan.tools.includes(name) ?? true;
    const serverTools = isShared('WebSearch') ? [...extra.serverTools] : [];
    return {
      ...draft,
      system: agent.system,
      // What workers share stands first: their requests have it as a common prefix.
      context: [
        ...memory.context,
        ...extra.context,
        environmentContext({ cwd, platform: deps.platform, date: deps.now(), ...git }),
        ...(options.output_schema === undefined ? [] : [outputInstruction(options.output_schema)]),
      ],
      tools: [...offered(agent, granted.removes, [...deps.tools, ...extra.names].filter(isShared), mcp.plan)],
      ...(serverTools.length === 0 ? {} : { server_tools: serverTools }),
      ...(mcp.plan === undefined ? {} : { mcp: mcp.plan }),
      settings: negotiated.settings,
      notices: [
        ...deps.always,
        ...agent.notices,
        ...mcp.notices,
        ...notices(negotiated, options, deps.facts),
        ...granted.notices,
        ...memory.notices,
        ...extra.notices,
      ],
    };
  }

  /** The system prompt, the context and the tools stay: they are the prefix that thinking blocks are bound to. */
  async function replan(
    journaled: WorkerPlan,
    more: WorkerOptions | undefined,
    signal: AbortSignal,
    proven: boolean,
  ): Promise<WorkerPlan> {
    const { plan: previous, notices: lost } = proven
      ? { plan: journaled, notices: [] }
      : unprovenPlan(journaled, deps.cwd);
    const options = optionsOnResume(previous, more);
    refuseMove(previous, more);
    const { worktree } = previous;
    const cwd = worktree?.cwd ?? workingDirectory(deps.cwd, more?.cwd ?? previous.cwd);
    await checkSchema(options);
    const negotiated = negotiate({ ...deps, options, now: deps.now(), previous: previous.settings });
    await deps.mcp.restore(previous, signal);
    const { server_tools: had = [], ...rest } = previous;
    const { agent, notices: changed } = await agentOnResume(previous, { ...deps, cwd });
    const draft = { ...rest, agent, options, cwd };
    const granted = deps.grantsOf(draft);
    const search = webSearchOnResume(had, granted, searchOf(negotiated));
    return {
      ...draft,
      ...(search.serverTools.length === 0 ? {} : { server_tools: [...search.serverTools] }),
      settings: negotiated.settings,
      notices: [
        ...deps.always,
        ...lost,
        ...changed,
        ...notices(negotiated, options, deps.facts),
        ...granted.notices,
        ...search.notices,
      ],
    };
  }

  function searchOf({ settings }: Negotiated): () => ServerTool | string {
    return () => webSearchTool(settings.model, deps.host, deps.facts);
  }

  return {
    plan: (task, signal, workerId) => plan(task, signal, workerId),
    planChild: plan,
    replan,
  };
}

async function checkSchema({ output_schema }: WorkerOptions): Promise<void> {
  if (output_schema !== undefined) await assertOutputSchema(output_schema);
}

function notices({ settings, notices: negotiated }: Negotiated, options: WorkerOptions, facts: FactTable): Notice[] {
  const priced = (factsOf(settings.model, facts)?.prices.length ?? 0) > 0;
  if (priced || options.max_cost_usd === undefined) return [...negotiated];
  const reason = `The price of ${settings.model} is not known, so its cost cannot be counted. Set max_turns, or add the price with AWORKERS_MODELS_FILE.`;
  return [...negotiated, { option: 'max_cost_usd', requested: options.max_cost_usd, sent: null, reason }];
}

function offered(
  agent: AgentType,
  removes: Granted['removes'],
  all: readonly string[],
  mcp: McpPlan | undefined,
): readonly string[] {
  const wanted = agent.tools === 'all' ? all : agent.tools;
  const own = wanted.filter((name) => all.includes(name) && !removes(name));
  const tools = [...own, ...(mcp === undefined ? [] : mcpToolNames(mcp))].toSorted();
  if (tools.length > 0) return tools;
  throw new AworkersError(
    'usage',
    `No tool is left for this worker: ${agent.label} offers ${wanted.join(', ') || 'none'}, and all are denied.`,
    `Allow at least one of ${all.join(', ')}.`,
  );
}

function workingDirectory(base: string, asked: string | undefined): string {
  const cwd = resolve(base, asked ?? '.');
  const isDirectory = isDirectoryAt(cwd);
  if (isDirectory === true) return cwd;
  const what = isDirectory === undefined ? 'does not exist or cannot be read' : 'is not a directory';
  throw new AworkersError('usage', `options.cwd: ${cwd} ${what}.`, 'Name an existing directory.');
}

const isDirectoryAt = sharedLook((path: string): boolean | undefined => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return undefined; // whatever the reason: it cannot be used
  }
});
