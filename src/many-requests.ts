// Owns: more than 256 requests at once on Bun, whose fetch queues the rest without a word unless a variable says otherwise
// before the process begins (src/decisions/transport.md).
// Promises: where more workers than that may run at once, this process is replaced by itself with the variable set: same id,
// streams and arguments, nothing read from them yet. Elsewhere it costs nothing. What is set here reaches no tool (BUN_).
// Never: replaces itself twice; runs on Windows, which knows no such thing: there 256 is what runs at once.
import process from 'node:process';
import { selfCommand } from './self-command.ts';

/** The type packages of the runtimes do not agree on it yet. */
type Replaceable = {
  readonly execve?: (file: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>) => void;
};

const variable = 'BUN_CONFIG_MAX_HTTP_REQUESTS';
const bunsOwn = 256;

/** The last stage of JavaScriptCore's compiler takes more CPU than it saves here (src/decisions/performance.md). */
const withoutLastStage = { BUN_JSC_useFTLJIT: '0' };

export function liftRequestLimit(argv: readonly string[]): void {
  const { env, platform } = process;
  if (process.versions['bun'] === undefined || platform === 'win32' || env[variable] !== undefined) return;
  if (mostWorkers(argv, env) <= bunsOwn) return;
  const [program, ...before] = selfCommand();
  const self: typeof process & Replaceable = process;
  self.execve?.(program, [program, ...before, ...argv], { ...withoutLastStage, ...env, [variable]: '65000' });
}

/** Before any flag is parsed: a word that only looks like the flag costs a start, no more. */
function mostWorkers(argv: readonly string[], env: NodeJS.ProcessEnv): number {
  const flags = argv.join('\0').matchAll(/(?:^|\0)--concurrency[=\0](\d+)(?=\0|$)/g);
  const asked = [...flags].map(([, digits]) => Number(digits));
  return Math.max(0, ...asked, Number(env['AWORKERS_MAX_CONCURRENCY']) || 0);
}
