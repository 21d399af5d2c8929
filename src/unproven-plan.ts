// Owns: what is left of a plan whose journal does not prove that this user's aworkers wrote it.
// Promises: nothing that widens what the worker may do: rules, mode, directory, worktree and tools that run on the API's side go,
// limits and denials stay. Said in a notice, always.
// Never: touches the conversation, the model or the other tools: each call is judged, under the name of what it calls.
import type { Notice, PermissionMode } from './contract/options.ts';
import type { McpPlan, WorkerPlan } from './contract/task.ts';
import { toolName } from './mcp-client/index.ts';

type Left = { readonly plan: WorkerPlan; readonly notices: readonly Notice[] };

/** `cwd`: where aworkers was started. */
export function unprovenPlan(previous: WorkerPlan, cwd: string): Left {
  const { worktree, server_tools, mcp, ...plan } = previous;
  const { allowed_tools, permission_mode, isolation, cwd: _cwd, ...options } = plan.options;
  const { permission_mode: agentMode, ...agent } = plan.agent;
  const lost = {
    ...(allowed_tools === undefined ? {} : { allowed_tools }),
    ...(narrow(permission_mode) === permission_mode ? {} : { permission_mode }),
    ...(narrow(agentMode) === agentMode ? {} : { agent_permission_mode: agentMode }),
    ...(plan.cwd === cwd ? {} : { cwd: plan.cwd }),
    ...(server_tools === undefined ? {} : { server_tools: server_tools.map(({ name }) => name) }),
    ...(isolation === undefined && worktree === undefined ? {} : { isolation: worktree?.path ?? 'worktree' }),
  };
  const reason =
    'Nothing proves that your aworkers wrote its journal as it is: it comes from elsewhere, was changed, or is older than the proof (by ~/.aworkers/journal-key). ' +
    'The conversation goes on, but what was granted in it does not count and is asked again. Grant it anew with this resume, if it is yours.';
  return {
    plan: {
      ...plan,
      ...(mcp === undefined ? {} : { mcp: { ...mcp, tools: mcp.tools.filter(isNamedSo) } }),
      options: { ...options, ...asMode(narrow(permission_mode)) },
      agent: { ...agent, ...asMode(narrow(agentMode)) },
      cwd,
    },
    notices: [
      { option: 'journal', requested: Object.keys(lost).length === 0 ? 'its grants' : lost, sent: null, reason },
    ],
  };
}

/** Rules judge the name; the server is asked for the tool. */
function isNamedSo({ name, server, tool }: McpPlan['tools'][number]): boolean {
  return name === toolName(server, tool);
}

/** A mode that only narrows. */
function narrow(mode: PermissionMode | undefined): PermissionMode | undefined {
  return mode === 'plan' || mode === 'dontAsk' ? mode : undefined;
}

function asMode(permission_mode: PermissionMode | undefined): { readonly permission_mode?: PermissionMode } {
  return permission_mode === undefined ? {} : { permission_mode };
}
