// Owns: `aworkers run`: one worker on a prompt, or a batch of tasks.
// Promises: results on stdout, everything else on stderr; what a batch needs is loaded for a batch only.
// Never: prompts without a terminal.
import { AworkersError } from '../../contract/errors.ts';
import { batchNotes } from '../batch-help.ts';
import { batchFlags, batchLimits, isBatch, secondsIn, timeoutFlag } from '../batch-flags.ts';
import { command, type Flags } from '../command.ts';
import { appConfig } from '../config.ts';
import { exitCodeLines } from '../exit-code.ts';
import { contextFlags, logsFlags, permissionFlags, serverFlags, workerFlags } from '../flags.ts';
import { oneLine } from '../one-line.ts';
import { readPrompt } from '../prompt.ts';
import { runFlags } from '../run-flags.ts';
import { workerOptionsFrom } from '../worker-options.ts';
import { runWorker } from '../worker-run.ts';

const args = {
  text: {
    type: 'positional',
    required: false,
    description: 'What to do; @path reads it from a file, - or nothing from stdin.',
  },
  ...batchFlags,
  ...runFlags,
  ...timeoutFlag,
  ...workerFlags,
  ...contextFlags,
  ...permissionFlags,
  ...serverFlags,
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['run "prompt" [flags]', 'run @prompt.md [flags]', 'run [flags] < prompt.md', 'run -f tasks.jsonl [flags]'],
  details: [
    'Runs one worker with the tools of its agent type, or with -f one per task of a file, and waits for the end. Results go to stdout, all else to stderr.',
    'Where stdin and stderr are terminals, a call that needs a permission is shown and asked for. Elsewhere it is denied, and said so.',
  ],
  args,
  examples: [
    [
      'aworkers run -f tasks.jsonl --out results.jsonl --max-cost 5',
      'A batch; again: only what is missing or changed.',
    ],
    [`aworkers run -f people.csv --prompt 'Write to {{name}} in {{city}}.'`, 'A task per row; {{column}} is its cell.'],
    [
      'aworkers run @names.md --sweep temperature=0,0.5,1 --sweep model=claude-sonnet-4-6,claude-haiku-4-5 --repeat 3',
      'Compare: 3 x 2 combinations, 3 times each.',
    ],
    ['aworkers run -f checks.yaml --junit junit.xml --run-timeout 15m --fail-fast', 'In CI.'],
    ['aworkers run "What does this project do?"', 'Ask a question about the files here.'],
    [
      `aworkers run @task.md --allow 'Bash(npm test:*)' --permission-mode acceptEdits`,
      'Let it edit files here and run the tests.',
    ],
    ['(echo "Review this diff:"; git diff) | aworkers run --format json | jq -r .result', 'As a step of a script.'],
    ['aworkers run "Name this." --temperature 0.9 --max-tokens 200', 'With sampling options.'],
  ],
  notes: [...batchNotes, { title: 'Exit codes', lines: exitCodeLines }],
  run: async ({ args: flags, io, out }) => {
    const options = workerOptionsFrom({ ...flags, 'timeout-seconds': timeoutOf(flags) }, io.cwd);
    const asked = { logs: flags, permissions: flags, servers: flags, context: flags, concurrency: flags.concurrency };
    const agent = flags['agent-type'];
    if (isBatch(flags)) {
      const { runBatchCommand } = await import('../batch-run.ts');
      return await runBatchCommand({
        io,
        out,
        format: flags.format,
        allowDenials: flags['allow-denials'],
        config: (approver) => appConfig(io, { ...asked, approver }),
        asked: {
          flags,
          prompt: flags.text,
          options,
          limits: batchLimits(flags),
          ...(agent === undefined ? {} : { agent_type: agent }),
        },
      });
    }
    const prompt = await readPrompt(flags.text, io);
    return await runWorker({
      io,
      out,
      format: flags.format,
      allowDenials: flags['allow-denials'],
      config: (approver) => appConfig(io, { ...asked, approver }),
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

/** Two spellings of one limit. */
function timeoutOf(flags: { readonly timeout: string | undefined; readonly 'timeout-seconds': string | undefined }) {
  if (flags.timeout === undefined) return flags['timeout-seconds'];
  if (flags['timeout-seconds'] === undefined) return String(secondsIn('--timeout', flags.timeout));
  throw new AworkersError('usage', '--timeout and --timeout-seconds are the same limit.', 'Give one of them.');
}
