// Owns: what a journaled plan's agent still counts for when its worker is resumed.
// Promises: a permission mode comes from the agent's file as it is now, never from the journal: a journal grants nothing.
// Never: changes the tools or the system prompt of the worker, or drops what the agent denies.
import { agentPart, type AgentWorld, resolveAgentType } from './agent-types.ts';
import type { Notice } from './contract/options.ts';
import type { WorkerPlan } from './contract/task.ts';

type OnResume = { readonly agent: WorkerPlan['agent']; readonly notices: readonly Notice[] };

export async function agentOnResume(previous: WorkerPlan, world: AgentWorld): Promise<OnResume> {
  const { permission_mode: had, ...rest } = previous.agent;
  if (had === undefined || had === 'plan') return { agent: previous.agent, notices: [] }; // plan cannot widen anything
  const now = await modeNow(previous, world);
  const agent = now === undefined ? rest : { ...rest, permission_mode: now };
  if (now === had) return { agent, notices: [] };
  const reason = `The agent ${previous.agent_type} cannot be found by that name with this mode now. Give permission_mode with the resume.`;
  return { agent, notices: [{ option: 'agent_type.permissionMode', requested: had, sent: now ?? null, reason }] };
}

/** By its name: of a file that was given by its path only the journal says where it was. */
async function modeNow({ agent_type, agent }: WorkerPlan, world: AgentWorld): Promise<typeof agent.permission_mode> {
  if (agent.scope !== 'user' && agent.scope !== 'project') return undefined;
  const found = await resolveAgentType(agent_type, world).catch(() => undefined); // gone, or not readable any more
  return found?.scope === agent.scope ? agentPart(found).permission_mode : undefined;
}
