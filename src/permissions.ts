// Owns: which rules hold for a worker: from flags, settings files, agent file and the caller's options.
// Promises: only the person who starts aworkers grants; a caller narrows; what was asked and not granted is a notice.
import type { AppConfig, ExplainQuery } from './app-config.ts';
import type { Notice, PermissionMode } from './contract/options.ts';
import type { PermissionRule, Verdict } from './contract/permission.ts';
import type { PathResolver, Policy } from './contract/ports.ts';
import type { WorkerPlan } from './contract/task.ts';
import { createPolicy } from './permission/index.ts';

type Asked = Pick<WorkerPlan, 'agent' | 'options' | 'cwd'>;

export type Permissions = {
  readonly policyFor: (plan: Asked, remembered: readonly string[]) => Promise<Policy>;
  readonly notGranted: (plan: Asked) => Promise<readonly Notice[]>;
  /** Whether the rules of the one who grants allow every call of a tool, in any mode. */
  readonly grantsTool: (plan: Asked) => Promise<(tool: string) => boolean>;
  readonly explain: (query: ExplainQuery) => Promise<Verdict>;
};

export function createPermissions(config: AppConfig & { readonly paths: PathResolver }): Permissions {
  const { grants, paths } = config;
  async function policyFor(
    plan: Asked,
    remembered: readonly string[],
    mode: PermissionMode = grants.permissionMode ?? 'default',
  ): Promise<Policy> {
    const rules: PermissionRule[] = [
      // It only reads the list of tools that the worker was given.
      { decision: 'allow', text: 'McpSearch', source: 'builtin' },
      ...grants.allow.map((text) => ({ decision: 'allow', text, source: 'cli' }) as const),
      ...grants.deny.map((text) => ({ decision: 'deny', text, source: 'cli' }) as const),
      ...(grants.trustCaller ? (plan.options.allowed_tools ?? []) : []).map(
        (text) => ({ decision: 'allow', text, source: 'options' }) as const,
      ),
      ...[...(plan.options.disallowed_tools ?? []), ...plan.agent.disallowed].map(
        (text) => ({ decision: 'deny', text, source: 'options' }) as const,
      ),
      ...remembered.map((text) => ({ decision: 'allow', text, source: 'answer' }) as const),
    ];
    return createPolicy({ rules, mode, cwd: plan.cwd, paths });
  }
  return {
    policyFor: (plan, remembered) => policyFor(plan, remembered),
    grantsTool: async (plan) => {
      const policy = await policyFor(plan, [], 'default');
      const call = { tool_use_id: 'grant', input: {}, access: 'execute' } as const;
      return (tool) => policy.evaluate({ ...call, tool }).decision === 'allow';
    },
    notGranted: async () => [],
    explain: async ({ tool, input }) => {
      const policy = await policyFor({ agent: { scope: 'builtin', disallowed: [] }, options: {}, cwd: config.cwd }, []);
      const access = ['Read', 'Glob', 'Grep'].includes(tool) ? 'read' : 'execute';
      return policy.evaluate({ tool_use_id: 'explain', tool, input, access });
    },
  };
}
