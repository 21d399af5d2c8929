// Owns: which rules hold for a worker: read from flags, settings files, its agent file and its caller's options.
// Promises: read anew for every worker and every resume, so that a journal grants nothing; grants.ts decides what counts.
// Never: asks anybody.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Project, projectOf } from './project-folders.ts';
import type { AppConfig, ExplainQuery } from './app-config.ts';
import { checkRules } from './config-check.ts';
import type { Notice } from './contract/options.ts';
import type { PermissionRule, Verdict } from './contract/permission.ts';
import type { PathResolver, Policy } from './contract/ports.ts';
import type { WorkerPlan } from './contract/task.ts';
import {
  createPolicy,
  deniesReading,
  type GrantInput,
  type Grants,
  grants,
  parseRule,
  removesTool,
} from './permission/index.ts';
import { narrowed } from './narrowed.ts';
import { loadSettings } from './settings.ts';
import { copiedRules, settingsIn, worktreeLimits } from './worktree-grants.ts';

/** What of a plan asks for permissions. */
export type Asking = Pick<WorkerPlan, 'agent_type' | 'agent' | 'options' | 'cwd' | 'worktree' | 'parent'>;

export type Granted = {
  readonly notices: readonly Notice[];
  /** A deny rule takes the whole tool away: it is not offered. */
  readonly removes: (tool: string) => boolean;
  /** An allow rule that counts names the tool, whole or in part. */
  readonly names: (tool: string) => boolean;
  /** The rules allow every call of the tool, whatever the mode. */
  readonly allows: (tool: string) => boolean;
  /** For Grep and Glob: a real path that no Read rule denies or asks about. */
  readonly mayRead: (real: string) => boolean;
  /** `remembered`: rules that answers gave this worker. */
  readonly policy: (remembered: readonly string[]) => Policy;
};

export type Permissions = {
  /** Throws 'usage' for a malformed rule, with its place. `project`: where the plan's directory stands, when it is known. */
  readonly grantsOf: (plan: Asking, project?: Project) => Granted;
  readonly explain: (query: ExplainQuery) => Verdict;
};

type PermissionsConfig = Pick<AppConfig, 'cwd' | 'home' | 'grants' | 'approver'> & {
  readonly logsDir: string;
  /** What journals are sealed with: who could replace it could write what they grant. */
  readonly keyFile: string;
  readonly paths: PathResolver;
};

const readOnlyTools: readonly string[] = ['Read', 'Glob', 'Grep'];

/** They only read what the worker was offered: a skill's text, the list of MCP tools. Deny and ask rules win over these too. */
const builtin: readonly PermissionRule[] = ['Skill', 'McpSearch', 'TodoWrite'].map((text) => {
  return { decision: 'allow', text, source: 'builtin' };
});

/** Throws 'usage' for a malformed flag. */
export function createPermissions(config: PermissionsConfig): Permissions {
  const { paths, cwd: startDirectory, home, grants: given } = config;
  checkRules(given);
  const serverCeiling: GrantInput['serverCeiling'] = {
    source: config.approver === 'host' ? 'server' : 'cli',
    allow: given.allow,
    deny: given.deny,
    mode: given.permissionMode,
  };

  /** A child has what all the agents above it would have, too. */
  function grantsOf(plan: Asking, project = projectOf(resolve(directoryOf(plan)))): Granted {
    const above = (plan.parent?.agents ?? []).map((agent) => grantsAlone({ ...plan, ...agent }, project));
    return above.reduce(narrowed, grantsAlone(plan, project));
  }

  function grantsAlone(plan: Asking, project: Project): Granted {
    const { worktree } = plan;
    const from = directoryOf(plan);
    const atStart = from === startDirectory; // then it is below it, wherever both lead
    const settings = loadSettings(project, home);
    const inForce = (each: typeof settings.user) => (worktree === undefined ? each : settingsIn(worktree, each));
    const decided: Grants = grants({
      callerOptions: plan.options,
      agentFile: {
        name: plan.agent_type,
        trusted: isTrusted(plan.agent.scope),
        permissionMode: plan.agent.permission_mode,
        disallowedTools: plan.agent.disallowed,
      },
      serverCeiling,
      userSettings: inForce(settings.user),
      projectSettings: inForce(settings.project),
      trustProject: given.trustProject,
      trustCaller: given.trustCaller,
      cwd: atStart ? from : realpathSync(from),
      startDirectory: atStart ? from : realpathSync(startDirectory),
    });
    const { mode, notices } = decided;
    const own = worktree === undefined ? [] : [...worktreeLimits(worktree), ...copiedRules(worktree, decided.rules)];
    const rules = [...own, ...decided.rules, ...builtin];
    const base = { rules, cwd: plan.cwd, paths };
    let denied: ReturnType<typeof deniesReading> | undefined; // made for the first file: most workers meet none
    return {
      notices,
      removes: removesTool(rules),
      names: (tool) => decided.rules.some((rule) => rule.decision === 'allow' && parseRule(rule).tool === tool),
      allows: (tool) => {
        const call = { tool_use_id: 'allows', tool, input: {}, access: 'execute' } as const;
        return createPolicy({ ...base, mode: 'default' }).evaluate(call).decision === 'allow';
      },
      mayRead: (real) => !(denied ??= deniesReading(base))(real),
      policy: (remembered) => {
        const where = (each: string) => paths.resolve(each === worktree?.from ? plan.cwd : each, plan.cwd).real;
        const policy = createPolicy({
          ...base,
          mode,
          workspace: decided.workspace.map(where),
          protectedDirectories: [config.logsDir, config.keyFile],
          searchSkipsDenied: true,
        });
        for (const rule of remembered) policy.remember(rule);
        return policy;
      },
    };
  }

  function directoryOf({ worktree, cwd }: Asking): string {
    return worktree?.from ?? cwd;
  }

  function isTrusted(scope: WorkerPlan['agent']['scope']): boolean {
    if (scope === 'project') return given.trustProject;
    return scope === 'path' ? given.trustCaller : true;
  }

  return {
    grantsOf,
    explain: ({ tool, input }) => {
      const plan: Asking = {
        agent_type: 'general-purpose',
        agent: { scope: 'builtin', disallowed: [] },
        options: {},
        cwd: startDirectory,
      };
      const access = readOnlyTools.includes(tool) ? 'read' : 'execute';
      return grantsOf(plan).policy([]).evaluate({ tool_use_id: 'explain', tool, input, access });
    },
  };
}
