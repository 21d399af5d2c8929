// Owns: what the tools of one worker share.
// Promises: made once per worker, cheap: plain references and empty maps.
// Never: holds a process or a file open.
import type { PathResolver } from '../contract/ports.ts';
import type { FileMemory } from './file-memory.ts';
import type { Limits } from './limits.ts';
import type { Sandbox } from './sandbox.ts';

export type ToolContext = {
  readonly worker_id: string;
  /** As given; tools resolve it when they run. */
  readonly cwd: string;
  readonly paths: PathResolver;
  readonly memory: FileMemory;
  readonly limits: Limits;
  /** Scrubbed: what a child process of this worker gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
  /** Aborts when the toolset is closed. */
  readonly closing: AbortSignal;
  /** Commands run inside it when there is one. */
  readonly sandbox: Sandbox | undefined;
  /** False: Glob and Grep leave the file out. */
  readonly mayRead: (real: string) => boolean;
};
