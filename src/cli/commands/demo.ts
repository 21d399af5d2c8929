// Owns: `aworkers demo`: the main job, offline, against a scripted Messages API in this process.
// Promises: says that the model is scripted; needs no key and no network; no setting of the caller counts.
// Never: sends anything outside this machine; grants more than the demo itself answers.
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { App } from '../../app-config.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { watchInterrupts } from '../signals.ts';

const args = {} as const satisfies Flags;

export default command({
  usage: ['demo'],
  details: [
    'Starts a scripted Messages API on loopback inside this process, copies a small sample project to a temporary folder and runs three workers on it. The model is scripted; tools, permissions, history and logs are the real ones.',
  ],
  args,
  run: async ({ io, out }) => {
    const { runDemo } = await import('../../demo/run-demo.ts');
    const apps: App[] = [];
    const closeAll = (reason: string) => Promise.all(apps.map((app) => app.close(reason)));
    const interrupts = watchInterrupts(io, () => void closeAll('interrupted by the user'));
    try {
      return await runDemo({
        tempDir: tmpdir(),
        print: (line) => out.page(line),
        openManager: async ({ cwd, logsDir, baseUrl, apiKey }) => {
          const app = await io.openApp({
            env: io.env,
            cwd,
            home: dirname(cwd),
            logsDir,
            baseUrl,
            apiKey,
            grants: { allow: [], deny: [], trustProject: false, trustCaller: false },
            approver: 'host',
            sandbox: 'off',
          });
          apps.push(app);
          return app.manager;
        },
      });
    } catch (error) {
      if (interrupts.signal.aborted) return exitCode.interrupted;
      throw error;
    } finally {
      interrupts.release();
      await closeAll('the demo has ended');
    }
  },
});
