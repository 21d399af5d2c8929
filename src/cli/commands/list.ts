// Owns: `aworkers list`: the workers of the logs directory, newest first.
// Promises: reads only; the same rows as a table or as JSON; a worker whose journal cannot be read is said on stderr.
// Never: shows a prompt or a result.
import { printable } from '../../contract/printable.ts';
import { workerStates } from '../../contract/worker.ts';
import { command, type Flags } from '../command.ts';
import { dollars } from '../event-lines.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags } from '../flags.ts';
import { withApp } from '../open.ts';
import { oneLine } from '../one-line.ts';
import { tableText } from '../table.ts';

const args = {
  status: { type: 'enum', options: workerStates, description: 'Only workers in this state.' },
  format: { type: 'enum', options: ['text', 'json'], default: 'text', description: 'A table, or an array.' },
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['list [flags]'],
  args,
  examples: [['aworkers list --status interrupted', 'What a crash left behind; each can be resumed.']],
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: flags }, async ({ manager }) => {
      const workers = await manager.list(flags.status === undefined ? {} : { status: flags.status });
      if (flags.format === 'json') out.json(JSON.stringify(workers, null, 2));
      else if (workers.length === 0) {
        out.note(`No ${flags.status === undefined ? '' : `${flags.status} `}workers in ${printable(manager.logsDir)}.`);
      } else {
        const planned = workers.some((worker) => worker.todo !== undefined);
        const rows = workers.map((worker) => [
          worker.worker_id.slice(0, 8),
          worker.status,
          oneLine(`${worker.parent_id === undefined ? '' : '└ '}${worker.description}`, 40),
          oneLine(worker.model, 60),
          String(worker.num_turns),
          dollars(worker.total_cost_usd),
          `${worker.seconds} s`,
          ...(planned ? [oneLine(worker.todo ?? '', 40)] : []),
          worker.last_activity_at.slice(0, 19).replace('T', ' '),
        ]);
        out.page(
          tableText(planned ? [...columns.slice(0, -1), { title: 'STEP' }, ...columns.slice(-1)] : columns, rows),
        );
      }
      for (const { worker_id, problem } of await manager.unreadable()) {
        out.note(out.paintNote('yellow', `not read: ${worker_id}: ${printable(problem)}`));
      }
      return exitCode.completed;
    }),
});

const columns = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'DESCRIPTION' },
  { title: 'MODEL' },
  { title: 'TURNS', align: 'right' },
  { title: 'COST', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'LAST ACTIVITY (UTC)' },
] as const;
