// Owns: knowing aworkers among the servers of a file: the entry that a host starts us by stands in the same files.
// Promises: told by our server name, our program's name, or the very file that runs now.
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Launch } from './config.ts';

export type Self = {
  /** Absolute: the compiled binary, or the script that a runtime runs. */
  readonly path: string;
};

const ownName = 'async_worker_manager';
const ownProgram = /^aworkers(\.exe|\.cmd)?$/i;
const ownPackage = /^aworkers(@[^/]*)?$/;
const runner = /^(npx|bunx|pnpx|pnpm|yarn|npm|bun|deno|env)(\.cmd|\.exe)?$/i;

export function isSelf(name: string, launch: Launch, self: Self): boolean {
  if (name === ownName) return true;
  if (launch.type !== 'stdio') return false;
  const { command, args } = launch;
  if (ownProgram.test(basename(command))) return true;
  if (runner.test(basename(command)) && args.some((word) => ownPackage.test(word))) return true;
  return [command, ...args].some((word) => realPath(word) === realPath(self.path));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // a name to be found on the PATH, or no path at all
  }
}
