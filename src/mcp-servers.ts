// Owns: MCP servers at work in the app: which a worker gets, their processes, their tools beside ours.
// Promises: with none configured nothing is loaded, started or added to a prompt; servers share no stream of ours and get the
// scrubbed environment with what their entry adds.
// Never: starts itself: an aworkers that was started as a server of workers starts none.
import type { AgentType, AgentWorld } from './agent-types.ts';
import { resolveAgentType } from './agent-types.ts';
import type { AppConfig } from './app-config.ts';
import { AworkersError } from './contract/errors.ts';
import type { Notice, WorkerOptions } from './contract/options.ts';
import type { Toolset } from './contract/ports.ts';
import type { McpPlan, WorkerPlan } from './contract/task.ts';
import { type ConfigWorld, McpServers, type ServerConfig } from './mcp-client/index.ts';
import { configuredServers, withAgentServers } from './mcp-config.ts';
import type { Granted, Permissions } from './permissions.ts';
import { boundOutput, defaultLimits, startServerProcess } from './tools/index.ts';
import { version } from './version.ts';

export type McpWiring = {
  /** Throws AworkersError when a server or tool that the worker would need is not there. */
  readonly offer: (
    agent: AgentType,
    options: WorkerOptions,
    removes: Granted['removes'],
    signal: AbortSignal,
  ) => Promise<McpOffer>;
  /** Makes ready what an earlier plan needs. */
  readonly restore: (plan: WorkerPlan, signal: AbortSignal) => Promise<void>;
  readonly addTo: (toolset: Toolset, plan: WorkerPlan) => Promise<Toolset>;
  readonly close: () => Promise<void>;
};

type McpOffer = { readonly plan?: McpPlan; readonly notices: readonly Notice[] };

const inside = 'AWORKERS_MCP_SERVER';
const startMs = 30_000;

export async function openMcpServers(
  config: AppConfig,
  selfPath: string,
  grantsOf: Permissions['grantsOf'],
): Promise<McpWiring> {
  const { env, cwd, home, grants } = config;
  const world: ConfigWorld = { env, self: { path: selfPath } };
  const configured = await configuredServers(config, world);
  if (env[inside] !== undefined && configured.length > 0) {
    const hint = 'Leave aworkers out of the servers of its own workers.';
    throw new AworkersError('usage', 'aworkers runs as an MCP server of a worker here, and starts none itself.', hint);
  }
  const agents: AgentWorld = { cwd, home, trustProject: grants.trustProject, trustCaller: grants.trustCaller };
  const servers = new McpServers({
    version,
    startProcess: ({ command, args, env: added }) =>
      startServerProcess({ command, args, cwd, env, added: { ...added, [inside]: '1' }, platform: process.platform }),
    bound: (text) => boundOutput(text, 'Ask for less, or for a part.'),
    maxImageBytes: defaultLimits.imageBytes,
    startMs,
  });

  async function forPlan({ mcp }: WorkerPlan): Promise<readonly ServerConfig[]> {
    const files = (mcp?.servers ?? []).map(({ source }) => source).filter((source) => source.endsWith('.md'));
    const types = await Promise.all([...new Set(files)].map((file) => resolveAgentType(file, agents)));
    return types.reduce((all, type) => withAgentServers(all, type, world), configured);
  }

  return {
    async offer(agent, options, removes, signal) {
      const all = env[inside] === undefined ? withAgentServers(configured, agent, world) : [];
      const wish = { tools: agent.tools, removes, allowed: options.allowed_tools ?? [] };
      const offer = await servers.offer(wish, all, signal);
      return isUnused(agent) ? { ...offer, notices: [...offer.notices, unusedNotice] } : offer;
    },
    async restore(plan, signal) {
      if (plan.mcp !== undefined) await servers.restore(plan.mcp, await forPlan(plan), signal);
    },
    async addTo(toolset, plan) {
      if (plan.mcp === undefined) return toolset;
      const { tools, specs } = servers.open(plan.mcp, grantsOf(plan));
      return {
        tools: new Map([...toolset.tools, ...tools.map((tool) => [tool.name, tool] as const)]),
        specs: [...toolset.specs, ...specs].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        close: () => toolset.close(),
      };
    },
    close: () => servers.close(),
  };
}

const unusedNotice: Notice = {
  option: 'agent_type.mcpServers',
  requested: 'mcpServers',
  sent: null,
  reason: "The file's tools name no tool of an MCP server, so none is offered. Add mcp__server to tools.",
};

function isUnused({ mcp_servers, tools }: AgentType): boolean {
  return mcp_servers !== undefined && tools !== 'all' && !tools.some((name) => name.startsWith('mcp__'));
}
