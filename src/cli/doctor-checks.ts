// Owns: the checks of `aworkers doctor`, one function each.
// Promises: each says what it found and, when something is wrong, what to do; none throws; none shows a credential.
// Never: changes anything.
import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText } from '../contract/errors.ts';
import { hosts, hostsInUse, inPath } from '../init/index.ts';
import type { App } from '../app-config.ts';
import type { CliIo, Env } from './io.ts';

export type Verdict = 'ok' | 'warn' | 'fail';
export type Finding = {
  readonly name: string;
  readonly verdict: Verdict;
  readonly text: string;
  readonly hint?: string;
};

const officialUrl = 'https://api.anthropic.com';
const reachMs = 5000;

export async function credentials(env: Env): Promise<Finding> {
  const name = 'credentials';
  const set = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'].filter((variable) => filled(env[variable]));
  if (set.length > 0) return { name, verdict: 'ok', text: `from ${set.join(' and ')}` };
  const profile = [
    'ANTHROPIC_PROFILE',
    'ANTHROPIC_CONFIG_DIR',
    'ANTHROPIC_IDENTITY_TOKEN',
    'ANTHROPIC_IDENTITY_TOKEN_FILE',
  ];
  const other = profile.filter((variable) => filled(env[variable]));
  if (other.length > 0) return { name, verdict: 'ok', text: `a profile, from ${other.join(' and ')}` };
  const folder = profileFolder(env);
  if (folder !== undefined && (await exists(join(folder, 'configs')))) {
    return { name, verdict: 'ok', text: `a profile, from ${folder}` };
  }
  return { name, verdict: 'fail', text: 'none found', hint: 'Set ANTHROPIC_API_KEY.' };
}

/** Where the SDK looks for the profile of a login when no variable names one. */
function profileFolder(env: Env): string | undefined {
  const under = (variable: string, ...rest: readonly string[]) =>
    filled(env[variable]) ? join(env[variable] ?? '', ...rest) : undefined;
  if (process.platform === 'win32') return under('APPDATA', 'Anthropic');
  return under('XDG_CONFIG_HOME', 'anthropic') ?? under('HOME', '.config', 'anthropic');
}

/** Asks the API for one model name: free of charge, and it proves address and key at once. */
export async function api(env: Env, fetchUrl: typeof fetch): Promise<Finding> {
  const base = (filled(env['ANTHROPIC_BASE_URL']) ? env['ANTHROPIC_BASE_URL'] : undefined) ?? officialUrl;
  const name = 'API';
  const key = env['ANTHROPIC_API_KEY'];
  const token = env['ANTHROPIC_AUTH_TOKEN'];
  const headers: Record<string, string> = { 'anthropic-version': '2023-06-01' };
  if (filled(key)) headers['x-api-key'] = key ?? '';
  else if (filled(token)) headers['authorization'] = `Bearer ${token ?? ''}`;
  try {
    const url = `${base.replace(/\/+$/, '')}/v1/models?limit=1`;
    const answer = await fetchUrl(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(reachMs) });
    await answer.body?.cancel();
    const shown = originOf(base);
    if (answer.ok) return { name, verdict: 'ok', text: `${shown} answers and takes the key` };
    if (answer.status === 401 && !filled(key) && !filled(token)) {
      return { name, verdict: 'ok', text: `${shown} answers; the login of the profile was not tried` };
    }
    if (answer.status === 401 || answer.status === 403) {
      const hint = 'Check the key, and that it belongs to this address.';
      return { name, verdict: 'fail', text: `${shown} refuses the key (${answer.status})`, hint };
    }
    const text = `${shown} is reachable, but answers ${answer.status} to a list of models`;
    return {
      name,
      verdict: 'warn',
      text,
      hint: 'A proxy may not serve that list; `aworkers run "Say hello."` is the proof.',
    };
  } catch (error) {
    const hint = 'Check the network, a proxy, and ANTHROPIC_BASE_URL.';
    return { name, verdict: 'fail', text: `${originOf(base)} cannot be reached: ${reasonOf(error)}`, hint };
  }
}

export async function logsDirectory(app: App): Promise<Finding> {
  const name = 'logs';
  const path = app.manager.logsDir;
  try {
    const parent = await nearestExisting(path);
    await access(parent, constants.W_OK);
    if (!(await stat(parent)).isDirectory()) {
      return { name, verdict: 'fail', text: `${parent} is not a directory`, hint: 'Choose another --logs-dir.' };
    }
    return { name, verdict: 'ok', text: path };
  } catch (error) {
    return { name, verdict: 'fail', text: `${path}: ${errorText(error)}`, hint: 'Choose another --logs-dir.' };
  }
}

export async function modelData(app: App): Promise<Finding> {
  try {
    return { name: 'models', verdict: 'ok', text: `${(await app.models()).length} in the data` };
  } catch (error) {
    return { name: 'models', verdict: 'fail', text: errorText(error), hint: 'Correct AWORKERS_MODELS_FILE.' };
  }
}

export async function search(env: Env): Promise<Finding> {
  const path = await inPath('rg', env, process.platform);
  return { name: 'ripgrep', verdict: 'ok', text: path ?? 'none in PATH: the built-in search is used' };
}

export async function git(env: Env): Promise<Finding> {
  const path = await inPath('git', env, process.platform);
  const hint = 'Install git for worktrees and git commands of workers.';
  return path === undefined
    ? { name: 'git', verdict: 'warn', text: 'not in PATH', hint }
    : { name: 'git', verdict: 'ok', text: path };
}

export async function sandbox(app: App): Promise<Finding> {
  const { available, missing, warnings } = await app.sandboxStatus();
  const name = 'sandbox';
  if (available && warnings.length === 0) return { name, verdict: 'ok', text: 'there is one for --sandbox' };
  if (available) return { name, verdict: 'warn', text: `there is one for --sandbox. ${warnings.join(' ')}` };
  return { name, verdict: 'warn', text: missing.join(' '), hint: 'Only needed for --sandbox.' };
}

export async function clients(io: Pick<CliIo, 'env' | 'home' | 'cwd'>): Promise<Finding> {
  const roots = { project: io.cwd, home: io.home };
  const found = await hostsInUse({ roots, env: io.env, platform: process.platform });
  const here = (await readFile(join(io.cwd, '.mcp.json'), 'utf8').catch(() => '')).includes('async_worker_manager');
  const text = found.map((name) => hosts[name].title).join(', ') || 'none found';
  return { name: 'hosts', verdict: 'ok', text: `${text}; .mcp.json here ${here ? 'names' : 'does not name'} aworkers` };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function nearestExisting(path: string): Promise<string> {
  for (let current = path; ; current = dirname(current)) {
    if ((await exists(current)) || dirname(current) === current) return current;
  }
}

/** Without user, password and query: an address can carry a credential. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the address in ANTHROPIC_BASE_URL (not a URL)';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  if (error.name === 'TimeoutError') return `no answer within ${reachMs / 1000} s`;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return cause.replace(/\.$/, '').slice(0, 200);
}

function filled(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
