// Owns: the hosts: where each keeps its settings, what lets wait block there, and how it keeps a call for its human.
// Promises: only settings that the host documents or that were tried; what it has no setting for is said in words.
// Never: touches a file.
import { jsonFormat } from './json-format.ts';
import { approvalTool, type Env, passedOn, secretsHere, type ServerCommand, serverName } from './server.ts';
import type { Setting, SettingsFormat } from './setting.ts';
import { tomlFormat } from './toml-format.ts';

export const hostNames = ['claude-code', 'codex', 'opencode', 'gemini', 'vscode', 'cursor'] as const;
export type HostName = (typeof hostNames)[number];

export type Wish = {
  readonly server: ServerCommand;
  readonly env: Env;
  readonly humanApproval: boolean;
  readonly replaceTask: boolean;
  readonly trustProject: boolean;
};

export type Scope = 'project' | 'home';

export type SettingsFile = {
  readonly scope: Scope;
  /** The first that exists; the first of all when none does. */
  readonly paths: readonly string[];
  readonly format: SettingsFormat;
  readonly settings: (wish: Wish) => readonly Setting[];
  /** Further settings of a file that did not exist. */
  readonly whenNew?: readonly Setting[];
};

export type Host = {
  readonly title: string;
  readonly program: string;
  /** Their presence says that the host is in use. */
  readonly signs: Readonly<Record<Scope, readonly string[]>>;
  readonly files: readonly SettingsFile[];
  /** What the person does next. */
  readonly next: string;
  /** What --human-approval cannot write there. */
  readonly humanNote?: string;
};

const day = 86_400;
const dayMs = day * 1000;
/** For hosts that stop a call at their limit, progress or not: wait answers a little before. */
const beforeDay = String(day - 60);

const fill = (path: readonly string[], value: Setting['value']): Setting => ({ kind: 'fill', path, value });
const set = (path: readonly string[], value: Setting['value']): Setting => ({ kind: 'set', path, value });
const item = (path: readonly string[], value: Setting['value']): Setting => ({ kind: 'item', path, value });

function claudeEntry({ server, trustProject }: Wish): readonly Setting[] {
  const entry = ['mcpServers', serverName];
  return [
    fill(entry, { type: 'stdio', ...server, timeout: dayMs, alwaysLoad: true }),
    ...(trustProject ? [...server.args, '--trust-project'].map((argument) => item([...entry, 'args'], argument)) : []),
  ];
}

function claudeRules({ humanApproval, replaceTask }: Wish): readonly Setting[] {
  return [
    ...(humanApproval ? [item(['permissions', 'ask'], `mcp__${serverName}__${approvalTool}`)] : []),
    ...(replaceTask ? ['Agent', 'Task'].map((tool) => item(['permissions', 'deny'], tool)) : []),
  ];
}

/** Codex gives a server HOME and PATH, and what env_vars names. */
function codexEntry({ server, humanApproval }: Wish): readonly Setting[] {
  const entry = ['mcp_servers', serverName];
  const own = {
    ...server,
    tool_timeout_sec: day,
    default_tools_approval_mode: 'approve',
    env_vars: [...passedOn],
    env: { AWORKERS_WAIT_SECONDS: beforeDay },
  };
  const human = set([...entry, 'tools', approvalTool], { approval_mode: 'prompt' });
  return [fill(entry, own), ...(humanApproval ? [human] : [])];
}

function opencodeEntry({ server, humanApproval }: Wish): readonly Setting[] {
  const entry = { type: 'local', command: [server.command, ...server.args], enabled: true, timeout: dayMs };
  return [
    fill(['mcp', serverName], entry),
    ...(humanApproval ? [set(['permission', `${serverName}_${approvalTool}`], 'ask')] : []),
  ];
}

/** Gemini CLI keeps variables back that look like credentials, unless `env` names them. */
function geminiEntry({ server, env, humanApproval }: Wish): readonly Setting[] {
  const entry = ['mcpServers', serverName];
  const named = Object.fromEntries(secretsHere(env).map((name) => [name, `$${name}`]));
  const own = { ...server, timeout: dayMs, trust: true, env: { ...named, AWORKERS_WAIT_SECONDS: beforeDay } };
  return [
    fill(entry, humanApproval ? { ...own, trust: false } : own),
    ...(humanApproval ? [set([...entry, 'trust'], false)] : []),
  ];
}

/** No limit can be set; a cut at five minutes was reported. */
function vscodeEntry({ server }: Wish): readonly Setting[] {
  const entry = { type: 'stdio', ...server, cwd: '${workspaceFolder}', env: { AWORKERS_WAIT_SECONDS: '280' } };
  return [fill(['servers', serverName], entry)];
}

/** No limit is documented and none can be set; the MCP SDK's own is 60 s. */
function cursorEntry({ server, env }: Wish): readonly Setting[] {
  const named = Object.fromEntries(secretsHere(env).map((name) => [name, `\${env:${name}}`]));
  return [
    fill(['mcpServers', serverName], { type: 'stdio', ...server, env: { ...named, AWORKERS_WAIT_SECONDS: '50' } }),
  ];
}

export const hosts: Readonly<Record<HostName, Host>> = {
  'claude-code': {
    title: 'Claude Code',
    program: 'claude',
    signs: { project: ['.mcp.json', '.claude'], home: ['.claude'] },
    files: [
      { scope: 'project', paths: ['.mcp.json'], format: jsonFormat, settings: claudeEntry },
      { scope: 'project', paths: ['.claude/settings.json'], format: jsonFormat, settings: claudeRules },
    ],
    next: 'start `claude` here and approve the server once (/mcp shows it)',
  },
  codex: {
    title: 'Codex',
    program: 'codex',
    signs: { project: [], home: ['.codex'] },
    files: [{ scope: 'home', paths: ['.codex/config.toml'], format: tomlFormat, settings: codexEntry }],
    next: 'start `codex` anew (/mcp shows the server)',
  },
  opencode: {
    title: 'opencode',
    program: 'opencode',
    signs: { project: ['opencode.json', 'opencode.jsonc', '.opencode'], home: ['.config/opencode'] },
    files: [
      {
        scope: 'project',
        paths: ['opencode.json', 'opencode.jsonc'],
        format: jsonFormat,
        settings: opencodeEntry,
        whenNew: [fill(['$schema'], 'https://opencode.ai/config.json')],
      },
    ],
    next: 'start `opencode` here',
  },
  gemini: {
    title: 'Gemini CLI',
    program: 'gemini',
    signs: { project: ['.gemini'], home: ['.gemini'] },
    files: [{ scope: 'home', paths: ['.gemini/settings.json'], format: jsonFormat, settings: geminiEntry }],
    next: 'start `gemini` anew (/mcp shows the server)',
    humanNote:
      'Gemini CLI has no rule for one tool in its settings: the server is not trusted, so it asks before every call. Choose "always" for the other tools, never for approve_permission.',
  },
  vscode: {
    title: 'VS Code',
    program: 'code',
    signs: { project: ['.vscode'], home: ['.vscode'] },
    files: [{ scope: 'project', paths: ['.vscode/mcp.json'], format: jsonFormat, settings: vscodeEntry }],
    next: 'open .vscode/mcp.json and press Start above the server',
    humanNote:
      'VS Code has no rule for one tool in mcp.json. It asks before a call by itself: choose "always" for the other tools, never for approve_permission.',
  },
  cursor: {
    title: 'Cursor',
    program: 'cursor',
    signs: { project: ['.cursor'], home: ['.cursor'] },
    files: [{ scope: 'project', paths: ['.cursor/mcp.json'], format: jsonFormat, settings: cursorEntry }],
    next: 'turn the server on under Settings, MCP',
    humanNote:
      'Cursor has no rule for one tool in mcp.json. It asks before a call by itself: keep approve_permission out of the allowlist and auto-run off.',
  },
};
