// Owns: what the app is opened with: flags over environment, and who may grant what.
// Promises: a bad environment value is an error that names the variable.
// Never: reads a file of the working directory.
import { resolve } from 'node:path';
import { AworkersError } from '../contract/errors.ts';
import type { AppConfig } from '../app-config.ts';
import type { Values } from './command.ts';
import type { contextFlags, logsFlags, permissionFlags, serverFlags } from './flags.ts';
import type { CliIo } from './io.ts';
import { numberIn, splitRules } from './worker-options.ts';

type GrantFlags = Values<typeof permissionFlags>;

export type ConfigInput = {
  readonly logs: Values<typeof logsFlags>;
  readonly permissions?: GrantFlags;
  readonly context?: Values<typeof contextFlags>;
  readonly servers?: Values<typeof serverFlags>;
  readonly approver?: AppConfig['approver'];
  readonly concurrency?: string | undefined;
  /** Off only where the caller is not the person who started aworkers. */
  readonly trustCaller?: boolean;
};

export function appConfig(io: CliIo, input: ConfigInput): AppConfig {
  const { env } = io;
  // A command that only looks needs no API.
  if (input.approver !== undefined) checkAddress(env);
  const logsDir = input.logs['logs-dir'] ?? logsDirOf(env);
  const modelsFile = text(env['AWORKERS_MODELS_FILE']);
  const defaultModel = text(env['AWORKERS_MODEL']);
  const maxConcurrency =
    wholeNumber('--concurrency', input.concurrency) ??
    wholeNumber('AWORKERS_MAX_CONCURRENCY', text(env['AWORKERS_MAX_CONCURRENCY']));
  const idleSeconds = amount('AWORKERS_IDLE_SECONDS', text(env['AWORKERS_IDLE_SECONDS']));
  const firstByteSeconds = amount('AWORKERS_FIRST_BYTE_SECONDS', text(env['AWORKERS_FIRST_BYTE_SECONDS']));
  return {
    env,
    cwd: io.cwd,
    home: io.home,
    ...(logsDir === undefined ? {} : { logsDir: resolve(io.cwd, logsDir) }),
    ...(modelsFile === undefined ? {} : { modelsFile: resolve(io.cwd, modelsFile) }),
    ...(defaultModel === undefined ? {} : { defaultModel }),
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    silence: {
      ...(idleSeconds === undefined ? {} : { idleMs: idleSeconds * 1_000 }),
      ...(firstByteSeconds === undefined ? {} : { firstByteMs: firstByteSeconds * 1_000 }),
    },
    grants: grantsFrom(input.permissions, input.trustCaller ?? true),
    approver: input.approver ?? 'nobody',
    ...(input.servers === undefined
      ? {}
      : { mcpConfig: input.servers['mcp-config'].map((path) => resolve(io.cwd, path)) }),
    sandbox: input.permissions?.sandbox ?? 'off',
    memory: input.context?.['no-memory'] !== true,
  };
}

/** No try would help. The value is not shown: an address can carry a credential. */
function checkAddress(env: CliIo['env']): void {
  const address = text(env['ANTHROPIC_BASE_URL'])?.trim();
  if (address === undefined || (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol))) return;
  throw new AworkersError(
    'usage',
    'ANTHROPIC_BASE_URL is not an address of http or https.',
    'Set it to one such as https://api.anthropic.com, or unset it.',
  );
}

function grantsFrom(flags: GrantFlags | undefined, trustCaller: boolean): AppConfig['grants'] {
  const mode = flags?.['permission-mode'];
  return {
    allow: splitRules(flags?.allow ?? []),
    deny: splitRules(flags?.deny ?? []),
    ...(mode === undefined ? {} : { permissionMode: mode }),
    trustProject: flags?.['trust-project'] ?? false,
    trustCaller,
  };
}

export function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = numberIn(value);
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
  throw new AworkersError('usage', `${name} must be a whole number of at least 1, not "${value}".`, '');
}

/** A positive number of seconds or dollars. */
export function amount(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = numberIn(value);
  if (typeof number === 'number' && Number.isFinite(number) && number > 0) return number;
  throw new AworkersError('usage', `${name} must be a number greater than 0, not "${value}".`, '');
}

/** Where a command looks without --logs-dir; undefined: in `logs` below the working directory. */
export function logsDirOf(env: CliIo['env']): string | undefined {
  return text(env['AWORKERS_LOGS_DIR']);
}

/** An empty variable counts as unset, as everywhere in a shell. */
function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
