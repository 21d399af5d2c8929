// Owns: the adapter around the sandbox runtime (bubblewrap on Linux, Seatbelt on macOS) for commands.
// Promises: loaded only when asked for; inside, a command writes to the worker's directory and the temp folder alone, reads no
// credential files, and reaches only the hosts that were allowed; without its programs it says which are missing.
// Never: stands in for the gate: what runs at all is decided there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxRuntimeConfig } from '@anthropic-ai/sandbox-runtime';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { RipgrepChild } from './ripgrep.ts';

export type SandboxMode = 'off' | 'auto' | 'required';

export type SandboxSettings = {
  readonly mode: SandboxMode;
  readonly home: string;
  /** Hosts that commands may reach through the proxy, such as "docs.example.com" or "*.github.com". Default: none. */
  readonly allowedDomains?: readonly string[];
  /** Directories besides the worker's that commands may write to. */
  readonly allowWrite?: readonly string[];
  readonly ripgrep?: RipgrepChild;
};

export type SandboxStatus = {
  readonly available: boolean;
  /** What to install, one sentence each. */
  readonly missing: readonly string[];
  /** What is weaker than it could be. */
  readonly warnings: readonly string[];
};

/** One for the process: the runtime's proxies are shared by all workers. */
export type Sandbox = {
  /** The command line that runs `command` inside; may write below `cwd`. */
  wrap(command: string, shell: string, cwd: string, signal: AbortSignal): Promise<string>;
  /** To be called when a wrapped command has ended. */
  cleanUp(): void;
  close(): Promise<void>;
};

/** Below the home directory: no command of a worker has business there. */
const credentials = [
  '.ssh',
  '.aws',
  '.gnupg',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.config/gh',
  '.config/gcloud',
  '.npmrc',
];

/** A process that can talk to these is out of any sandbox. */
const sockets = ['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock'];

/** In the worker's directory: files that would run code later, outside the sandbox. */
const protectedPaths = ['.git/hooks', '.claude', '.mcp.json', '.vscode', '.idea', 'bunfig.toml'];

export async function sandboxStatus(ripgrep?: RipgrepChild): Promise<SandboxStatus> {
  try {
    const { SandboxManager } = await import('@anthropic-ai/sandbox-runtime');
    if (!SandboxManager.isSupportedPlatform()) {
      return { available: false, missing: ['There is no sandbox for this platform.'], warnings: [] };
    }
    const { errors, warnings } = await SandboxManager.checkDependenciesAsync(search(ripgrep));
    return { available: errors.length === 0, missing: errors, warnings };
  } catch (error) {
    return { available: false, missing: [`The sandbox runtime does not load: ${errorText(error)}.`], warnings: [] };
  }
}

/** `missing` is why there is no sandbox although one was asked for, for a notice. */
export type OpenedSandbox = { readonly sandbox: Sandbox | undefined; readonly missing: readonly string[] };

/** Throws when the mode is required and there is none. */
export async function openSandbox(settings: SandboxSettings): Promise<OpenedSandbox> {
  if (settings.mode === 'off') return { sandbox: undefined, missing: [] };
  const opened = await tryOpen(settings);
  if (opened.sandbox !== undefined || settings.mode === 'auto') return opened;
  throw new AworkersError(
    'usage',
    `The sandbox is required but not available: ${opened.missing.join('; ')}.`,
    'Install what is missing (on Debian or Ubuntu: apt install bubblewrap socat), or use --sandbox=off.',
  );
}

async function tryOpen(settings: SandboxSettings): Promise<OpenedSandbox> {
  const status = await sandboxStatus(settings.ripgrep);
  if (!status.available) return { sandbox: undefined, missing: status.missing };
  const { SandboxManager } = await import('@anthropic-ai/sandbox-runtime');
  try {
    await SandboxManager.initialize(configuration(settings));
  } catch (error) {
    return { sandbox: undefined, missing: [`it does not start: ${errorText(error)}`] };
  }
  const sandbox: Sandbox = {
    wrap: (command, shell, cwd, signal) =>
      SandboxManager.wrapWithSandbox(command, shell, { filesystem: filesystem(settings, cwd) }, signal),
    cleanUp: () => SandboxManager.cleanupAfterCommand(),
    close: () => SandboxManager.reset(),
  };
  return { sandbox, missing: [] };
}

function configuration(settings: SandboxSettings): SandboxRuntimeConfig {
  return {
    network: { allowedDomains: [...(settings.allowedDomains ?? [])], deniedDomains: [] },
    filesystem: filesystem(settings, undefined),
    ripgrep: search(settings.ripgrep),
  };
}

/** The runtime looks for files that must stay read-only with it. */
function search([command, ...args]: RipgrepChild = ['rg']): { command: string; args: string[] } {
  return { command, args };
}

/** `git init`, `git config` and `git commit` need the repository's own configuration: without this they fail with EBUSY. */
function filesystem(settings: SandboxSettings, cwd: string | undefined): SandboxRuntimeConfig['filesystem'] {
  const there = (path: string): boolean => existsSync(path);
  return {
    denyRead: [...credentials.map((name) => join(settings.home, name)), ...sockets].filter(there),
    allowWrite: [...(cwd === undefined ? [] : [cwd]), ...(settings.allowWrite ?? [])],
    denyWrite: cwd === undefined ? [] : protectedPaths.map((name) => join(cwd, name)).filter(there),
    allowGitConfig: true,
  };
}
