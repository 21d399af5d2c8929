// Owns: `aworkers report`: one HTML page of the workers of a logs directory, or of a batch.
// Promises: reads only, but for the page itself; what could not be read is named in it and on stderr.
// Never: sends anything; opens a browser.
import { basename, dirname, join, resolve } from 'node:path';
import { AworkersError } from '../../contract/errors.ts';
import { printable } from '../../contract/printable.ts';
import { command, type Flags } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags } from '../flags.ts';
import { withApp } from '../open.ts';
import { replaceFile } from '../replace-file.ts';
import { batchReport, logsReport } from '../report-input.ts';
import { readResults } from '../results-file.ts';

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
  results: {
    type: 'string',
    valueHint: 'file.jsonl',
    description: 'Results of a batch: its tasks only, with their checks, and a sweep compared.',
  },
  title: { type: 'string', valueHint: 'text', description: 'Title of the page. Default: the directory or file.' },
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['report [logs] [flags]'],
  details: [
    'One self-contained page: totals, failures with hints, charts, and every worker with its answer and its timeline. It loads nothing and reads without scripts. Long conversations are cut, with the path of the whole log.',
  ],
  args,
  examples: [
    ['aworkers report', 'Of ./logs, into logs/report.html.'],
    ['aworkers report nightly/logs --out nightly.html', 'Of another directory.'],
    ['aworkers report --results results.jsonl --out sweep.html', 'Of a batch or a sweep.'],
  ],
  run: async ({ args: flags, io, out }) => {
    if (flags.logs !== undefined && flags['logs-dir'] !== undefined) {
      throw new AworkersError('usage', 'The logs directory was given twice.', 'Leave --logs-dir out.');
    }
    const logs = { 'logs-dir': flags.logs ?? flags['logs-dir'] };
    const results = flags.results === undefined ? undefined : await readResults(resolve(io.cwd, flags.results));
    return await withApp(io, { logs }, async ({ manager }) => {
      const { logsDir } = manager;
      const title = flags.title ?? (flags.results === undefined ? nameOf(logsDir) : basename(flags.results));
      const { html, unreadable } =
        results === undefined ? await logsReport(manager, title) : await batchReport(manager, title, results);
      if (flags.out === '-') out.result(html);
      else {
        const path = flags.out === undefined ? join(logsDir, 'report.html') : resolve(io.cwd, flags.out);
        await replaceFile(path, html);
        out.result(path);
      }
      for (const { worker_id, problem } of unreadable) {
        out.note(out.paintNote('yellow', `not read: ${worker_id}: ${printable(problem)}`));
      }
      return exitCode.completed;
    });
  },
});

/** A directory called logs says little: its parent stands before it. */
function nameOf(logsDir: string): string {
  return `${basename(dirname(logsDir))}/${basename(logsDir)}`;
}
