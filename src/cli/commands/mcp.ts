// Owns: `aworkers mcp`: the manager served over MCP on stdio.
// Promises: stdout carries JSON-RPC alone; the caller over MCP may narrow what was granted here and never widen it.
// Never: prompts; reads a setting of the project without --trust-project.
import type { App } from '../../app-config.ts';
import { checkRules, opensWithFiles } from '../../config-check.ts';
import { printable } from '../../contract/printable.ts';
import { version } from '../../version.ts';
import { command, type Flags } from '../command.ts';
import { amount, appConfig } from '../config.ts';
import { exitCode } from '../exit-code.ts';
import { contextFlags, logsFlags, permissionFlags, serverFlags } from '../flags.ts';

const args = {
  concurrency: {
    type: 'string',
    valueHint: 'n',
    description: 'Workers that run at once. Default: AWORKERS_MAX_CONCURRENCY, else 20.',
  },
  'wait-seconds': {
    type: 'string',
    valueHint: 'seconds',
    description: 'Longest wait call, for hosts that stop a call. Default: AWORKERS_WAIT_SECONDS, else no limit.',
  },
  approve: {
    type: 'enum',
    options: ['model', 'client'],
    default: 'model',
    description: 'Who is asked: the caller, through wait; or the human of a host that can ask (elicitation).',
  },
  'trust-caller': {
    type: 'boolean',
    description: 'Let allowed_tools and permission_mode of the caller widen what is granted here.',
  },
  ...contextFlags,
  ...permissionFlags,
  ...serverFlags,
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['mcp [flags]'],
  details: [
    'For an MCP host to start, under the name async_worker_manager. A bare `aworkers` does the same when its stdin is not a terminal.',
    'The caller is a model: it can narrow what is granted here, never widen it. What is not granted asks, and approve_permission answers.',
  ],
  args,
  examples: [
    [
      `aworkers mcp --allow 'Bash(npm test:*)' --permission-mode acceptEdits`,
      'Grant the tests and edits to every worker.',
    ],
  ],
  run: async ({ args: flags, io, out }) => {
    const { protectStdout, serveStdio } = await import('../../mcp/index.ts');
    protectStdout();
    const waitSeconds =
      amount('--wait-seconds', flags['wait-seconds']) ??
      amount('AWORKERS_WAIT_SECONDS', io.env['AWORKERS_WAIT_SECONDS'] || undefined);
    const config = appConfig(io, {
      logs: flags,
      permissions: flags,
      context: flags,
      servers: flags,
      approver: 'host',
      concurrency: flags.concurrency,
      trustCaller: flags['trust-caller'],
    });
    checkRules(config.grants);
    let app: Promise<App> | undefined;
    const open = (): Promise<App> => {
      app ??= io.openApp(config).catch((error: unknown) => {
        app = undefined; // the next call tries again
        throw error;
      });
      return app;
    };
    // A wrong file or a missing program is an error before the handshake. Else the first call opens: the handshake needs nothing of it.
    if (opensWithFiles(config)) await open();
    const reason = await serveStdio({
      manager: async () => (await open()).manager,
      info: { version },
      stdin: io.stdin,
      stdout: io.stdout,
      signals: { on: (name, handler) => io.onSignal(name, handler) },
      log: (line) => out.note(`aworkers: ${printable(line)}`),
      approve: flags.approve === 'client' ? 'client' : 'model',
      ...(waitSeconds === undefined ? {} : { waitSeconds }),
    });
    await (await app)?.close(reason);
    out.abandon();
    return exitCode.completed;
  },
});
