// Owns: what is left of a plan whose journal does not prove that this user's aworkers wrote it.
// Promises: nothing that widens what the worker may do: rules, mode, directory and worktree go, limits and denials stay. Said in a
// notice, always.
// Never: touches the conversation, the model or the tools that are offered: each call is judged.
import type { Notice, PermissionMode } from './contract/options.ts';
import type { WorkerPlan } from './contract/task.ts';

type Left = { readonly plan: WorkerPlan; readonly notices: readonly Notice[] };

/** `cwd`: where aworkers was started. */
export function unprovenPlan(previous: WorkerPlan, cwd: string): Left {
  const { worktree, ...plan } = previous;
  const { allowed_tools, permission_mode, isolation, cwd: _cwd, ...options } = plan.options;
  const { permission_mode: agentMode, ...agent } = plan.agent;
  const lost = {
    ...(allowed_tools === undefined ? {} : { allowed_tools }),
    ...(narrow(permission_mode) === permission_mode ? {} : { permission_mode }),
    ...(narrow(agentMode) === agentMode ? {} : { agent_permission_mode: agentMode }),
    ...(plan.cwd === cwd ? {} : { cwd: plan.cwd }),
    ...(isolation === undefined && worktree === undefined ? {} : { isolation: worktree?.path ?? 'worktree' }),
  };
  const reason =
    'Nothing proves that your aworkers wrote its journal as it is: it comes from elsewhere, was changed, or is older than the proof. ' +
    'The conversation goes on, but what was granted in it does not count and is asked again. Grant it anew with this resume, if it is yours.';
  return {
    plan: {
      ...plan,
      options: { ...options, ...asMode(narrow(permission_mode)) },
      agent: { ...agent, ...asMode(narrow(agentMode)) },
      cwd,
    },
    notices: [{ option: 'journal', requested: lost, sent: null, reason }],
  };
}

/** A mode that only narrows. */
function narrow(mode: PermissionMode | undefined): PermissionMode | undefined {
  return mode === 'plan' || mode === 'dontAsk' ? mode : undefined;
}

function asMode(permission_mode: PermissionMode | undefined): { readonly permission_mode?: PermissionMode } {
  return permission_mode === undefined ? {} : { permission_mode };
}
