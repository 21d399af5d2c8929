// Owns: running ripgrep: the one on PATH, else the WebAssembly one in a child of our own executable.
// Promises: never in this process (it could not be stopped); few at once; ends with the timeout or the abort; stops reading
// when the caller has enough; reads no configuration of the user.
// Never: takes an rg from the directory it searches.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';
import { ToolFailure } from './define-tool.ts';
import { findProgram } from './program.ts';
import { Slots } from './slots.ts';

/** The command that ends in runRipgrepChild (ripgrep-child.ts), such as [process.execPath, "__rg"]. */
export type RipgrepChild = readonly [string, ...string[]];

export type Search = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly child: RipgrepChild | undefined;
  readonly timeoutMs: number;
  readonly platform: NodeJS.Platform;
};

export type SearchEnd = { readonly code: number | null; readonly errors: string; readonly timedOut: boolean };

const slots = new Slots(Math.max(2, availableParallelism()));
const onPath = new Map<string, string | undefined>();
const maxErrorBytes = 4_000;

/** The WebAssembly build would keep its code under a name that anyone could take in a shared temp folder, and trust it. */
const noCache = { TMPDIR: '/dev/null', TEMP: '/dev/null', TMP: '/dev/null' } as const;

/** Feeds `take` with what rg prints until it returns false. */
export async function runRipgrep(
  search: Search,
  take: (chunk: Buffer) => boolean,
  signal: AbortSignal,
): Promise<SearchEnd> {
  return slots.use(() => run(search, take, signal), signal);
}

function run(search: Search, take: (chunk: Buffer) => boolean, signal: AbortSignal): Promise<SearchEnd> {
  const [program, ...first] = programFor(search);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...search.args], {
      cwd: search.cwd,
      env: { ...search.env, ...noCache },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let errors = '';
    let timedOut = false;
    let enough = false;
    const end = (): boolean => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, search.timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      if (enough) return;
      enough = !take(chunk);
      if (enough) end();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < maxErrorBytes) errors += chunk.toString('utf8');
    });
    child.once('error', (error) => finish(() => reject(new ToolFailure(`ripgrep could not start: ${error.message}.`))));
    child.once('close', (code) =>
      finish(() => resolve({ code: enough ? 0 : code, errors: errors.slice(0, maxErrorBytes), timedOut })),
    );

    function finish(settle: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else settle();
    }
  });
}

function programFor(search: Search): RipgrepChild {
  const native = nativeRipgrep(search);
  if (native !== undefined) return [native];
  if (search.child !== undefined) return search.child;
  throw new ToolFailure('Grep needs ripgrep (rg) on PATH. Search with grep -rn in Bash instead.');
}

function nativeRipgrep({ env, cwd, platform }: Search): string | undefined {
  const path = env['PATH'] ?? '';
  const key = `${platform} ${path}`;
  if (!onPath.has(key)) {
    const program = findProgram('rg', path, platform);
    onPath.set(key, program === undefined ? undefined : realpathSync(program));
  }
  const found = onPath.get(key);
  return found?.startsWith(cwd + sep) === true ? undefined : found;
}
