// Owns: who may grant what: the rules and the mode that a worker really gets (contract 5).
// Promises: only the person who starts aworkers grants: flags, and settings of the home directory. A caller over MCP and the
// files of a project may narrow, never widen, unless that person said so. What is refused becomes a notice.
// Never: drops a deny or ask rule, whoever wrote it.
import type { Notice, PermissionMode } from '../contract/options.ts';
import { permissionModes } from '../contract/options.ts';
import type { PermissionRule, RuleSource } from '../contract/permission.ts';
import { below, toPosix } from './path-pattern.ts';
import { type ParsedRule, parseRule } from './rules.ts';

/** What one settings file says about permissions. */
export type Settings = {
  readonly path: string;
  readonly rules: readonly PermissionRule[];
  readonly mode?: string;
  readonly disableBypass: boolean;
  /** Absolute. */
  readonly additionalDirectories: readonly string[];
};

export type GrantInput = {
  /** Options of the task, as the caller gave them. */
  readonly callerOptions: {
    readonly allowed_tools?: readonly string[] | undefined;
    readonly disallowed_tools?: readonly string[] | undefined;
    readonly permission_mode?: PermissionMode | undefined;
  };
  /** `trusted`: a file of the home directory, or named by the person at the command line; never one that a caller named. */
  readonly agentFile?: {
    readonly name: string;
    readonly trusted: boolean;
    readonly permissionMode?: string | undefined;
    readonly disallowedTools?: readonly string[] | undefined;
  };
  /** Flags of the person who started aworkers: `mcp --allow … --permission-mode …`, `run --allow …`. */
  readonly serverCeiling: {
    readonly source: 'server' | 'cli';
    readonly allow?: readonly string[] | undefined;
    readonly deny?: readonly string[] | undefined;
    readonly mode?: PermissionMode | undefined;
  };
  readonly userSettings: readonly Settings[];
  readonly projectSettings: readonly Settings[];
  readonly trustProject: boolean;
  /** True also when the options come from the person: the CLI. */
  readonly trustCaller: boolean;
  /** Real path of the worker's directory, and of the one that aworkers was started in. Where they are one, as it is written. */
  readonly cwd: string;
  readonly startDirectory: string;
};

export type Grants = {
  readonly rules: readonly PermissionRule[];
  readonly mode: PermissionMode;
  /** For PolicyInput.workspace, once they are resolved: empty when a caller chose a directory that it has no claim to. */
  readonly workspace: readonly string[];
  readonly notices: readonly Notice[];
};

/** From narrow to wide. dontAsk is narrower than default: a question there may be answered with yes. */
const width: readonly PermissionMode[] = ['plan', 'dontAsk', 'default', 'acceptEdits', 'bypassPermissions'];

export function grants(input: GrantInput): Grants {
  const notices: Notice[] = [];
  const { callerOptions, serverCeiling: ceiling, trustCaller } = input;
  const home = below(toPosix(input.startDirectory), toPosix(input.cwd)) !== undefined;
  const trustProject = input.trustProject && (home || trustCaller);
  const trusted = [...input.userSettings, ...(trustProject ? input.projectSettings : [])];
  const flags = flagsOf(ceiling);
  const settings = [...input.userSettings, ...input.projectSettings];
  const settled = settings.flatMap(({ rules }) => rules.filter((rule) => rule.decision !== 'allow'));
  const given = [...flags, ...trusted.flatMap(({ rules }) => rules.filter((rule) => rule.decision === 'allow'))];
  const limits = [
    ...rulesOf(callerOptions.disallowed_tools, 'deny', 'options'),
    ...rulesOf(input.agentFile?.disallowedTools, 'deny', 'agent'),
  ];
  const asked = rulesOf(callerOptions.allowed_tools, 'allow', 'options');
  const widened = trustCaller ? asked : [];
  if (!trustCaller) refuseRules(asked, given, notices);
  if (!trustProject) refuseProject(input.projectSettings, notices);
  const mode = modeOf(input, trusted, notices);
  const directories = home || trustCaller ? [input.cwd, ...trusted.flatMap((each) => each.additionalDirectories)] : [];
  if (directories.length === 0) {
    const reason = `${input.cwd} is not below ${input.startDirectory}, where the server was started: reading there asks.`;
    notices.push({ option: 'cwd', requested: input.cwd, sent: input.cwd, reason });
  }
  return { rules: [...settled, ...limits, ...given, ...widened], mode, workspace: directories, notices };
}

/** One value stands for the flags of a process, whose rules are therefore made once. */
const flags = new WeakMap<GrantInput['serverCeiling'], readonly PermissionRule[]>();

function flagsOf(ceiling: GrantInput['serverCeiling']): readonly PermissionRule[] {
  const known = flags.get(ceiling);
  if (known !== undefined) return known;
  const { source, allow, deny } = ceiling;
  const rules = [...rulesOf(allow, 'allow', source), ...rulesOf(deny, 'deny', source)];
  flags.set(ceiling, rules);
  return rules;
}

function rulesOf(
  texts: readonly string[] | undefined,
  decision: PermissionRule['decision'],
  source: RuleSource,
): readonly PermissionRule[] {
  const rules = (texts ?? []).map((text) => ({ decision, text, source }));
  rules.forEach(parseRule);
  return rules;
}

function refuseRules(asked: readonly PermissionRule[], given: readonly PermissionRule[], notices: Notice[]): void {
  const ceilings = given.filter((rule) => rule.decision === 'allow').map(parseRule);
  const refused = asked.filter((rule) => !ceilings.some((ceiling) => includes(ceiling, parseRule(rule))));
  if (refused.length === 0) return;
  const texts = refused.map((rule) => rule.text);
  const reason = `A caller cannot grant permissions: what these rules name asks. The person who starts the server can allow it: mcp ${texts
    .map((text) => `--allow '${text}'`)
    .join(' ')}, or --trust-caller.`;
  notices.push({ option: 'allowed_tools', requested: texts, sent: null, reason });
}

/** The ceiling already allows all that the rule would. */
function includes(ceiling: ParsedRule, rule: ParsedRule): boolean {
  if (ceiling.tool !== rule.tool) return false;
  if (ceiling.spec === undefined || ceiling.spec === rule.spec) return true;
  const prefix = /^([^*]*?)(?::\*| \*)$/.exec(ceiling.spec)?.[1];
  if (rule.tool !== 'Bash' || prefix === undefined || rule.spec === undefined) return false;
  const own = rule.spec.replace(/(:\*| \*)$/, '');
  return own === prefix || own.startsWith(`${prefix} `);
}

function refuseProject(projects: readonly Settings[], notices: Notice[]): void {
  for (const { path, rules, additionalDirectories } of projects) {
    const refused = [
      ...rules.filter((rule) => rule.decision === 'allow').map((rule) => rule.text),
      ...additionalDirectories,
    ];
    if (refused.length === 0) continue;
    const reason = `Allow rules of the project (${path}) count only with --trust-project.`;
    notices.push({ option: 'permissions.allow', requested: refused, sent: null, reason });
  }
}

function modeOf(input: GrantInput, trusted: readonly Settings[], notices: Notice[]): PermissionMode {
  const { agentFile, callerOptions, serverCeiling } = input;
  const locked = [...input.userSettings, ...input.projectSettings].find((each) => each.disableBypass);
  const settings = trusted.findLast((each) => each.mode !== undefined)?.mode;
  const named = serverCeiling.mode ?? known(settings, notices) ?? 'default';
  const wishes: { option: string; mode: PermissionMode; free: boolean; who: string }[] = [];
  for (const { mode, path } of input.projectSettings) {
    const wish = trusted.some((each) => each.path === path) ? undefined : known(mode, notices);
    if (wish !== undefined) wishes.push({ option: 'permissions.defaultMode', mode: wish, free: false, who: path });
  }
  const own = known(agentFile?.permissionMode, notices);
  if (own !== undefined && agentFile !== undefined) {
    wishes.push({
      option: 'permission_mode',
      mode: own,
      free: agentFile.trusted && serverCeiling.mode === undefined,
      who: `the agent ${agentFile.name}`,
    });
  }
  const wanted = callerOptions.permission_mode;
  if (wanted !== undefined) {
    wishes.push({ option: 'permission_mode', mode: wanted, free: input.trustCaller, who: 'the caller' });
  }
  let mode = named;
  for (const wish of wishes) {
    if (wish.free || width.indexOf(wish.mode) <= width.indexOf(mode)) mode = wish.mode;
    else {
      const reason = `${wish.who} cannot widen the permission mode; ${mode} stays. The person who starts aworkers can: --permission-mode ${wish.mode}.`;
      notices.push({ option: wish.option, requested: wish.mode, sent: mode, reason });
    }
  }
  if (mode !== 'bypassPermissions' || locked === undefined) return mode;
  const reason = `disableBypassPermissionsMode is set in ${locked.path}.`;
  notices.push({ option: 'permission_mode', requested: mode, sent: 'default', reason });
  return 'default';
}

/** Modes of the neighbouring tool that we do not have ask, which is what they come down to without its classifier. */
function known(mode: string | undefined, notices: Notice[]): PermissionMode | undefined {
  if (mode === undefined) return undefined;
  const ours = permissionModes.find((each) => each === mode);
  if (ours !== undefined) return ours;
  if (mode !== 'manual') {
    const reason = `There is no permission mode "${mode}" here; default asks.`;
    notices.push({ option: 'permission_mode', requested: mode, sent: 'default', reason });
  }
  return 'default';
}
