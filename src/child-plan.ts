// Owns: what a worker that another worker spawned has of its parent: directory, rules, tools, servers.
// Promises: never more than the parent has; the agents above it stay in its plan, so that this holds after a restart, too.
// Never: a worktree or a server of its own.
import type { AgentType } from './agent-types.ts';
import type { WorkerOptions } from './contract/options.ts';
import type { McpPlan, WorkerPlan } from './contract/task.ts';

/** `options`: those of the call and of the child's agent. Limits of the call are the rest of the parent's. */
export function childOptions(options: WorkerOptions, parent: WorkerPlan): WorkerOptions {
  const { isolation: _isolation, ...rest } = options;
  const { permission_mode, allowed_tools, disallowed_tools } = parent.options;
  return {
    ...rest,
    cwd: parent.cwd,
    ...(permission_mode === undefined ? {} : { permission_mode }),
    ...(allowed_tools === undefined ? {} : { allowed_tools }),
    ...(disallowed_tools === undefined ? {} : { disallowed_tools }),
  };
}

export function parentPart(worker_id: string, plan: WorkerPlan): NonNullable<WorkerPlan['parent']> {
  const { agent_type, agent, parent } = plan;
  return {
    worker_id,
    depth: (parent?.depth ?? 0) + 1,
    agents: [{ agent_type, agent }, ...(parent?.agents ?? [])],
  };
}

export function childMcp(mcp: McpPlan | undefined, tools: AgentType['tools']): McpPlan | undefined {
  if (mcp === undefined || tools === 'all') return mcp;
  const kept = mcp.tools.filter(({ name }) => tools.includes(name));
  const servers = mcp.servers.filter(({ name }) => kept.some((tool) => tool.server === name));
  return servers.length === 0 ? undefined : { servers, tools: kept, search: null };
}
