// Owns: `aworkers run`: one worker on a prompt.
// Promises: the result on stdout, everything else on stderr.
// Never: prompts without a terminal.
import { command, type Flags } from '../command.ts';
import { appConfig } from '../config.ts';
import { exitCodeLines } from '../exit-code.ts';
import { contextFlags, logsFlags, permissionFlags, workerFlags } from '../flags.ts';
import { oneLine } from '../printable.ts';
import { readPrompt } from '../prompt.ts';
import { runFlags } from '../run-flags.ts';
import { workerOptionsFrom } from '../worker-options.ts';
import { runWorker } from '../worker-run.ts';

const args = {
  prompt: {
    type: 'positional',
    required: false,
    description: 'What to do; @path reads it from a file, - or nothing from stdin.',
  },
  ...runFlags,
  ...workerFlags,
  ...contextFlags,
  ...permissionFlags,
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['run "prompt" [flags]', 'run @prompt.md [flags]', 'run [flags] < prompt.md'],
  details: [
    'Runs one worker with the tools of its agent type and waits for its end. The result goes to stdout, all else to stderr.',
    'Where stdin and stderr are terminals, a call that needs a permission is shown and asked for. Elsewhere it is denied, and said so.',
  ],
  args,
  examples: [
    ['aworkers run "What does this project do?"', 'Ask a question about the files here.'],
    [
      `aworkers run @task.md --allow 'Bash(npm test:*)' --permission-mode acceptEdits`,
      'Let it edit files here and run the tests.',
    ],
    ['(echo "Review this diff:"; git diff) | aworkers run --format json | jq -r .result', 'As a step of a script.'],
    ['aworkers run "Name this." --temperature 0.9 --max-tokens 200', 'With sampling options.'],
  ],
  notes: [{ title: 'Exit codes', lines: exitCodeLines }],
  run: async ({ args: flags, io, out }) => {
    const options = workerOptionsFrom(flags, io.cwd);
    const prompt = await readPrompt(flags.prompt, io);
    const agent = flags['agent-type'];
    return await runWorker({
      io,
      out,
      format: flags.format,
      allowDenials: flags['allow-denials'],
      config: (approver) => appConfig(io, { logs: flags, permissions: flags, context: flags, approver }),
      begin: (manager) =>
        manager.spawn({
          description: oneLine(prompt, 60),
          prompt,
          ...(agent === undefined ? {} : { agent_type: agent }),
          options,
        }),
    });
  },
});
