// Owns: `aworkers show`: one worker at a glance.
// Promises: reads only; JSON is the whole transcript as it lies in the logs directory.
// Never: shows a credential (none is stored).
import { readFile } from 'node:fs/promises';
import { AworkersError, errorText } from '../../contract/errors.ts';
import type { WorkerManager } from '../../contract/manager.ts';
import { printable } from '../../contract/printable.ts';
import { counted } from '../../contract/text.ts';
import type { WorkerSnapshot } from '../../contract/worker.ts';
import { command, type Flags } from '../command.ts';
import { dollars, inputGist, seconds, worktreeLines } from '../event-lines.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags, workerArgument } from '../flags.ts';
import { withApp } from '../open.ts';
import { oneLine } from '../one-line.ts';
import type { Output } from '../render.ts';
import { noticeText } from '../watch-run.ts';

const args = {
  ...workerArgument,
  format: {
    type: 'enum',
    options: ['text', 'json'],
    default: 'text',
    description: 'A summary, or the whole transcript.',
  },
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['show <id> [flags]'],
  args,
  examples: [
    ['aworkers show 3f2a91c4', 'State, cost, denials and result.'],
    ['aworkers show 3f2a91c4 --format json | jq .messages', 'The conversation, as messages of the API.'],
  ],
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: flags }, async ({ manager }) => {
      const worker = await manager.read(flags.id);
      if (flags.format === 'json') out.json(await transcript(manager, worker.worker_id));
      else out.page(summary(worker, manager, out));
      return exitCode.completed;
    }),
});

async function transcript(manager: WorkerManager, id: string): Promise<string> {
  const path = manager.transcriptPath(id);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const hint = 'It is written when the worker settles; `aworkers logs` reads the journal meanwhile.';
    throw new AworkersError('not_found', `The transcript ${path} cannot be read: ${errorText(cause)}.`, hint, {
      cause,
    });
  }
}

function summary(worker: WorkerSnapshot, manager: WorkerManager, out: Output): string {
  const paint = out.paintPage;
  const label = (name: string) => paint('dim', name.padEnd(10));
  const done = worker.state === 'completed';
  const { usage } = worker;
  const lines = [
    paint('bold', printable(worker.description)),
    `${label('worker')}${worker.worker_id}`,
    `${label('session')}${worker.session_id}`,
    `${label('state')}${paint(done ? 'green' : 'yellow', worker.state)}${worker.error_type === undefined || done ? '' : ` (${worker.error_type}) ${printable(worker.error_hint ?? '')}`}`,
    `${label('model')}${oneLine(`${worker.plan.settings.model}, ${worker.plan.agent_type}`, 120)}`,
    `${label('work')}${counted(worker.num_turns, 'turn')}, ${dollars(worker.total_cost_usd)}, ${seconds(worker.duration_ms)}, started ${worker.started_at}`,
    `${label('tokens')}${usage.input_tokens} in, ${usage.cache_read_input_tokens} from the cache, ${usage.cache_creation_input_tokens} into it, ${usage.output_tokens} out`,
    `${label('directory')}${printable(worker.plan.cwd)}`,
    ...(worker.worktree === undefined ? [] : worktreeLines(worker.worktree)),
    `${label('log')}${printable(manager.transcriptPath(worker.worker_id))}`,
    ...worker.plan.notices.map((notice) => `${label('notice')}${noticeText(notice)}`),
    ...worker.pending.map((request) => `${label('asks for')}${request.tool} ${inputGist(request.input, 100)}`),
    ...worker.permission_denials.map(
      (denial) =>
        `${label('denied')}${denial.tool_name} ${inputGist(denial.tool_input, 100)}: ${oneLine(denial.reason, 200)}`,
    ),
  ];
  return worker.result === '' ? lines.join('\n') : [...lines, '', printable(worker.result)].join('\n');
}
