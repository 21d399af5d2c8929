// Owns: the commands of a batch's checks, run as the Bash tool runs commands.
// Promises: the environment that tools get, a process group that is gone afterwards, bounded output and time.
// Never: asks the gate: the person who starts aworkers wrote the command.
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import type { App } from './app-config.ts';
import type { PathResolver } from './contract/ports.ts';
import { openToolset } from './tools/index.ts';

/** The end of the output: where a failing command says why. */
const shownCharacters = 600;

export type CheckCommandDeps = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly paths: PathResolver;
};

export function checkCommand({ env, paths }: CheckCommandDeps): App['runCommand'] {
  return async (command, cwd, timeoutMs, signal) => {
    const names = ['Bash'];
    const toolset = openToolset({ worker_id: randomUUID(), cwd, names, env, platform: process.platform, paths });
    try {
      const { content, is_error } = (await toolset.tools
        .get('Bash')
        ?.run({ command, timeout: Math.ceil(timeoutMs) }, signal)) ?? {
        content: 'There is no Bash tool.',
        is_error: true,
      };
      signal.throwIfAborted();
      if (!is_error) return {};
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      return { problem: text.length > shownCharacters ? `… ${text.slice(-shownCharacters)}` : text };
    } finally {
      await toolset.close();
    }
  };
}
