// Owns: what the app is opened with, and what it offers to the CLI.
// Promises: plain values; whoever starts aworkers decides every one of them.
import type { CheckWorld } from './batch/checks.ts';
import type { WorkerManager } from './contract/manager.ts';
import type { Notice, PermissionMode } from './contract/options.ts';
import type { Verdict } from './contract/permission.ts';
import type { Approver, Clock } from './contract/ports.ts';
import type { Task } from './contract/task.ts';
import type { ModelRow } from './model/model-rows.ts';

export type { ModelRow } from './model/model-rows.ts';

export const defaultConcurrency = 20;

export const sandboxModes = ['off', 'auto', 'required'] as const;
export type SandboxMode = (typeof sandboxModes)[number];

export type SandboxStatus = {
  readonly available: boolean;
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
};

export type Grants = {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly permissionMode?: PermissionMode;
  readonly trustProject: boolean;
  /** Options of a task may widen what it may do: on for the CLI, whose tasks are written by the person who starts it. */
  readonly trustCaller: boolean;
};

export type AppConfig = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly logsDir?: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly maxConcurrency?: number;
  /** When a silent model is given up and asked again. */
  readonly silence?: { readonly firstByteMs?: number; readonly idleMs?: number };
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly modelsFile?: string;
  readonly defaultModel?: string;
  readonly grants: Grants;
  /** Absolute paths of files in the form of .mcp.json. */
  readonly mcpConfig?: readonly string[];
  /** 'nobody': what would ask is denied. */
  readonly approver: 'host' | 'nobody' | Approver;
  readonly sandbox: SandboxMode;
  /** False: no CLAUDE.md and no AGENTS.md. */
  readonly memory?: boolean;
};

/** A call to be judged as a worker of these grants would have it judged, without running it. */
export type ExplainQuery = { readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

export type App = {
  readonly manager: WorkerManager;
  readonly models: () => Promise<readonly ModelRow[]>;
  readonly explain: (query: ExplainQuery) => Promise<Verdict>;
  /** Plans the task and starts nothing: the notices it would get. Throws what spawn would throw. */
  readonly preflight: (task: Task) => Promise<readonly Notice[]>;
  /** As the Bash tool would, with the end of its output in `problem`. */
  readonly runCommand: CheckWorld['runCommand'];
  /** Whether commands can be sandboxed here, and what is missing or weaker than it could be. */
  readonly sandboxStatus: () => Promise<SandboxStatus>;
  readonly close: (reason: string) => Promise<void>;
};

export type OpenApp = (config: AppConfig) => Promise<App>;
