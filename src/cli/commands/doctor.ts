// Owns: `aworkers doctor`: is everything there that a worker needs?
// Promises: every finding with a verdict and, where something is missing, the next step; exit code 5 for credentials, 1 for the rest.
// Never: changes anything; shows a credential.
import { printable } from '../../contract/printable.ts';
import { command, type Flags } from '../command.ts';
import * as checks from '../doctor-checks.ts';
import { exitCode } from '../exit-code.ts';
import { logsFlags } from '../flags.ts';
import { withApp } from '../open.ts';
import type { Output } from '../render.ts';
import { versionLine } from '../version-line.ts';

const args = {
  offline: { type: 'boolean', description: 'Do not call the API.' },
  format: {
    type: 'enum',
    options: ['text', 'json'],
    default: 'text',
    description: 'To read, or an array of findings.',
  },
  ...logsFlags,
} as const satisfies Flags;

export default command({
  usage: ['doctor [flags]'],
  args,
  run: async ({ args: flags, io, out }) =>
    await withApp(io, { logs: flags }, async (app) => {
      const key = await checks.credentials(io.env);
      const findings: checks.Finding[] = [
        { name: 'version', verdict: 'ok', text: versionLine() },
        key,
        ...(flags.offline || key.verdict === 'fail' ? [] : [await checks.api(io.env, fetch)]),
        await checks.logsDirectory(app),
        await checks.modelData(app),
        await checks.search(io.env),
        await checks.git(io.env),
        await checks.sandbox(app),
        await checks.clients(io),
      ];
      if (flags.format === 'json') out.json(JSON.stringify(findings, null, 2));
      else for (const finding of findings) out.page(lines(finding, out));
      const failed = findings.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
      if (failed.length === 0) return exitCode.completed;
      return failed.some((name) => name === 'credentials' || name === 'API') ? exitCode.credentials : exitCode.failed;
    }),
});

const marks = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function lines({ name, verdict, text, hint }: checks.Finding, out: Output): string {
  const mark = out.paintPage(marks[verdict], verdict.padEnd(4));
  const head = `${mark}  ${name.padEnd(12)} ${printable(text)}`;
  return hint === undefined ? head : `${head}\n      ${' '.repeat(12)} ${out.paintPage('dim', printable(hint))}`;
}
