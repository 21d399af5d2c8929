// Owns: `aworkers stop`: ends a worker from another shell.
// Promises: a worker that has ended already is left alone; with --process the process that runs it ends in order, and it is
// seen to be gone before this returns.
// Never: ends a process unless asked to; kills without a chance to close journals.
import { setTimeout as sleep } from 'node:timers/promises';
import { AworkersError, errorText } from '../../contract/errors.ts';
import type { WorkerManager } from '../../contract/manager.ts';
import { isEnded, type WorkerSnapshot } from '../../contract/worker.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags, workerArgument } from '../flags.ts';
import { withApp } from '../open.ts';
import { resumeCommand } from '../resume-command.ts';

const args = {
  ...workerArgument,
  process: {
    type: 'boolean',
    description: 'End the process that runs it, and so all its workers; they stay resumable.',
  },
  ...logsFlags,
} as const satisfies Flags;

const patienceMs = 5000;

export default command({
  usage: ['stop <id> [flags]'],
  details: [
    'Asks the process that runs it (`aworkers run`, or an MCP server) to end this one worker. With --process that whole process ends, with all its workers.',
  ],
  args,
  examples: [['aworkers stop 3f2a91c4', 'End it wherever it runs; it stays resumable.']],
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: flags }, async ({ manager }) => {
      const worker = await manager.read(flags.id);
      if (isEnded(worker.state)) {
        out.note(`Worker ${worker.worker_id} is ${worker.state} already.`);
        return exitCode.completed;
      }
      if (flags.process) endProcess(worker);
      const state = flags.process
        ? await stateAfterEnd(manager, worker.worker_id)
        : (await manager.stop(worker.worker_id, 'from a shell')).status;
      out.note(
        `Worker ${worker.worker_id} is ${state}. Go on with: ${resumeCommand(worker.worker_id, manager.logsDir, io)}`,
      );
      return exitCode.completed;
    }),
});

function endProcess({ owner }: WorkerSnapshot): void {
  try {
    process.kill(owner.pid, 'SIGTERM');
  } catch (cause) {
    throw new AworkersError(
      'io',
      `Process ${owner.pid} cannot be ended: ${errorText(cause)}.`,
      "It may be another user's.",
      { cause },
    );
  }
}

async function stateAfterEnd(manager: WorkerManager, id: string): Promise<string> {
  for (let waited = 0; waited < patienceMs; waited += 100) {
    const { state } = await manager.read(id);
    if (isEnded(state)) return state;
    await sleep(100);
  }
  throw new AworkersError('io', `Worker ${id} still runs after ${patienceMs / 1000} s.`, 'Look at its process.');
}
