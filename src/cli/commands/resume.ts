// Owns: `aworkers resume`: the next message to a worker that has ended.
// Promises: the whole conversation goes on under the same id; options not given stay as they were.
// Never: resumes a worker that another live process runs.
import type { WorkerOptions } from '../../contract/options.ts';
import { command, type Flags } from '../command.ts';
import { appConfig } from '../config.ts';
import { exitCodeLines } from '../exit-code.ts';
import {
  limitFlags,
  logsFlags,
  modelFlags,
  permissionFlags,
  serverFlags,
  taskFlags,
  toolFlags,
  workerArgument,
} from '../flags.ts';
import { readPrompt } from '../prompt.ts';
import { runFlags } from '../run-flags.ts';
import { workerOptionsFrom } from '../worker-options.ts';
import { runWorker } from '../worker-run.ts';

const { cwd, isolation, 'output-schema': outputSchema } = taskFlags;

const args = {
  ...workerArgument,
  prompt: { type: 'positional', required: false, description: 'The next message; @path, - or stdin as for run.' },
  ...runFlags,
  ...modelFlags,
  ...limitFlags,
  cwd,
  isolation,
  'output-schema': outputSchema,
  ...toolFlags,
  ...permissionFlags,
  ...serverFlags,
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['resume <id> "prompt" [flags]', 'resume <id> [flags] < prompt.md'],
  details: [
    'Continues a worker in any ended state: completed, failed, stopped, or interrupted by a crash. Flags override its options.',
  ],
  args,
  examples: [
    ['aworkers resume 3f2a91c4 "Now write the tests."', 'Go on with the same conversation.'],
    ['aworkers resume 3f2a91c4 "Continue." --max-turns 80', 'After a limit was reached.'],
  ],
  notes: [{ title: 'Exit codes', lines: exitCodeLines }],
  run: async ({ args: flags, io, out }) => {
    const options: WorkerOptions = workerOptionsFrom({ ...flags, 'agent-type': undefined }, io.cwd);
    const prompt = await readPrompt(flags.prompt, io);
    return await runWorker({
      io,
      out,
      format: flags.format,
      allowDenials: flags['allow-denials'],
      config: (approver) => appConfig(io, { logs: flags, permissions: flags, servers: flags, approver }),
      begin: (manager) =>
        manager.resume({
          worker_id: flags.id,
          prompt,
          ...(Object.keys(options).length === 0 ? {} : { options }),
        }),
    });
  },
});
