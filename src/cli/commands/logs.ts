// Owns: `aworkers logs`: what a worker did, from its journal, to its end or as it goes on.
// Promises: also follows a worker of another process; ends by itself when the worker has ended.
// Never: needs the process that runs the worker.
import { isEnded } from '../../contract/worker.ts';
import { command, type Flags } from '../command.ts';
import { eventLines } from '../event-lines.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags, workerArgument } from '../flags.ts';
import { followJournal } from '../journal-file.ts';
import { withApp } from '../open.ts';
import { watchInterrupts } from '../signals.ts';

const args = {
  ...workerArgument,
  follow: { type: 'boolean', alias: 'f', description: 'Go on until the worker has ended.' },
  format: {
    type: 'enum',
    options: ['text', 'jsonl'],
    default: 'text',
    description: 'To read, or the events as they are.',
  },
  ...logsFlags,
} as const satisfies Flags;

const endings: ReadonlySet<string> = new Set(['worker.completed', 'worker.failed', 'worker.stopped']);

export default command({
  usage: ['logs <id> [-f] [flags]'],
  args,
  examples: [['aworkers logs -f 3f2a91c4', 'Watch a worker that runs elsewhere.']],
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: flags }, async ({ manager }) => {
      const { worker_id: id } = await manager.read(flags.id);
      const interrupts = watchInterrupts(io, () => undefined);
      const signal = AbortSignal.any([interrupts.signal, out.closed]);
      let ended = false;
      let ends = 0;
      const goOn = async () => {
        if (!flags.follow || ended) return false;
        ends += 1;
        // Nothing new for a while: a process that died wrote no last event.
        return ends % 20 !== 0 || !isEnded((await manager.read(id)).state);
      };
      try {
        for await (const event of followJournal(manager.journalPath(id), { goOn, signal })) {
          ended = endings.has(event.type);
          if (flags.format === 'jsonl') out.json(JSON.stringify(event));
          else for (const line of eventLines(event, 'full', out.paintPage)) out.page(line);
          if (signal.aborted) break;
        }
        return interrupts.signal.aborted ? exitCode.interrupted : exitCode.completed;
      } finally {
        interrupts.release();
      }
    }),
});
