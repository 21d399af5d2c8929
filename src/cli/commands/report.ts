// Owns: `aworkers report`: one HTML page of the workers of a logs directory.
// Promises: reads only, but for the page itself, which is 0600 and replaced whole; what could not be read is named in it.
// Never: sends anything; opens a browser.
import { basename, dirname, join, resolve } from 'node:path';
import { AworkersError } from '../../contract/errors.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags } from '../flags.ts';
import { withApp } from '../open.ts';
import { printable } from '../printable.ts';
import { replaceFile } from '../replace-file.ts';
import { collectWorkers, renderReport } from '../report-input.ts';

const args = {
  logs: {
    type: 'positional',
    required: false,
    description: 'The logs directory. Default: --logs-dir, AWORKERS_LOGS_DIR, else ./logs.',
  },
  out: {
    type: 'string',
    valueHint: 'file.html',
    description: 'Where the page goes; - is stdout. Default: report.html in the logs directory.',
  },
  title: { type: 'string', valueHint: 'text', description: 'Title of the page. Default: the directory.' },
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['report [logs] [flags]'],
  details: [
    'One self-contained page: totals, failures with hints, charts, and every worker with its answer and its timeline. It loads nothing, and reads without scripts. Long conversations are cut, with the path of the whole log.',
  ],
  args,
  examples: [
    ['aworkers report', 'Of ./logs, into logs/report.html.'],
    ['aworkers report nightly/logs --out nightly.html', 'Of another directory.'],
  ],
  run: async ({ args: flags, io, out }) => {
    if (flags.logs !== undefined && flags['logs-dir'] !== undefined) {
      throw new AworkersError('usage', 'The logs directory was given twice.', 'Leave --logs-dir out.');
    }
    const logs = { 'logs-dir': flags.logs ?? flags['logs-dir'] };
    return await withApp(io, { logs }, async ({ manager }) => {
      const { logsDir } = manager;
      const listed = (await manager.list()).map(({ worker_id }) => worker_id);
      const damaged = await manager.unreadable();
      if (listed.length + damaged.length === 0) {
        const hint = 'Name the logs directory: aworkers report path/to/logs';
        throw new AworkersError('not_found', `There are no workers in ${logsDir}.`, hint);
      }
      const { workers, unreadable } = await collectWorkers(manager, listed);
      const page = await renderReport({
        title: flags.title ?? `${basename(dirname(logsDir))}/${basename(logsDir)}`,
        logs_dir: logsDir,
        workers: workers.toSorted((a, b) => a.started_at.localeCompare(b.started_at)),
        unreadable: [...damaged, ...unreadable],
      });
      if (flags.out === '-') out.result(page);
      else {
        const path = flags.out === undefined ? join(logsDir, 'report.html') : resolve(io.cwd, flags.out);
        await replaceFile(path, page);
        out.result(path);
      }
      for (const { worker_id, problem } of [...damaged, ...unreadable]) {
        out.note(out.paintNote('yellow', `left out ${worker_id}: ${printable(problem)}`));
      }
      return exitCode.completed;
    });
  },
});
