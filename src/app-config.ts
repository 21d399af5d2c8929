// Owns: what the app is opened with, and what it offers to the CLI.
// Promises: plain values; whoever starts aworkers decides every one of them.
import type { WorkerManager } from './contract/manager.ts';
import type { PermissionMode } from './contract/options.ts';
import type { Verdict } from './contract/permission.ts';
import type { Approver } from './contract/ports.ts';

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
  readonly modelsFile?: string;
  readonly defaultModel?: string;
  readonly grants: Grants;
  /** Absolute paths of files in the form of .mcp.json. */
  readonly mcpConfig?: readonly string[];
  /** 'nobody': what would ask is denied. */
  readonly approver: 'host' | 'nobody' | Approver;
  readonly sandbox: SandboxMode;
};

/** One line of `aworkers models`. Prices in dollars per million tokens; null where the data has none. */
export type ModelRow = {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly context_window: number | null;
  readonly max_output_tokens: number | null;
  /** Words, e.g. ["adaptive", "disabled"], the default first. */
  readonly thinking: readonly string[];
  /** Sampling options that the model takes, e.g. ["temperature", "top_p", "top_k"]. */
  readonly sampling: readonly string[];
  readonly effort: readonly string[];
  readonly input_usd: number | null;
  readonly output_usd: number | null;
  readonly cache_read_usd: number | null;
  readonly cache_write_5m_usd: number | null;
  /** ISO date; null: none announced. */
  readonly retires_at: string | null;
};

/** A call to be judged as a worker of these grants would have it judged, without running it. */
export type ExplainQuery = { readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

export type App = {
  readonly manager: WorkerManager;
  readonly models: () => Promise<readonly ModelRow[]>;
  readonly explain: (query: ExplainQuery) => Promise<Verdict>;
  /** Whether commands can be sandboxed here, and what is missing or weaker than it could be. */
  readonly sandboxStatus: () => Promise<SandboxStatus>;
  readonly close: (reason: string) => Promise<void>;
};

export type OpenApp = (config: AppConfig) => Promise<App>;
