// Owns: what every host is told of this server: its name, its tools, the command that starts it.
// Promises: the bare name where PATH leads to this very program, else the absolute path.
// Never: writes a credential: variables are named, their values are not read.
import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export const serverName = 'async_worker_manager';
export const approvalTool = 'approve_permission';

export type Env = Readonly<Record<string, string | undefined>>;

/** The program of the host's entry, and the arguments that come before ours (a run from source has some). */
export type ServerCommand = { readonly command: string; readonly args: readonly string[] };

export async function serverCommand(
  self: readonly [string, ...string[]],
  env: Env,
  platform: NodeJS.Platform,
): Promise<ServerCommand> {
  const [program, ...args] = self;
  if (args.length > 1) return { command: program, args };
  const named = await inPath('aworkers', env, platform);
  const isSelf = named !== undefined && (await realpath(named)) === (await realpath(program).catch(() => program));
  return { command: isSelf ? 'aworkers' : program, args };
}

export async function inPath(program: string, env: Env, platform: NodeJS.Platform): Promise<string | undefined> {
  const names = platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
  const folders = (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '');
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

/** What the Messages API client and aworkers read, for hosts that pass on only what they are told to. */
export const passedOn = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_PROFILE',
  'ANTHROPIC_CONFIG_DIR',
  'AWORKERS_MODEL',
  'AWORKERS_LOGS_DIR',
  'AWORKERS_MAX_CONCURRENCY',
  'AWORKERS_MODELS_FILE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
] as const;

/** Those that are set here; the key when none is, for it will be. A reference to an unset one would reach us as text. */
export function secretsHere(env: Env): readonly string[] {
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'].filter((name) => (env[name] ?? '').trim() !== '');
  return names.length === 0 ? ['ANTHROPIC_API_KEY'] : names;
}
