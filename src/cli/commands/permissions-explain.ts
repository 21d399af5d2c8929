// Owns: `aworkers permissions explain`: the verdict on one call, its parts, and the rule that decided each.
// Promises: the very policy that a worker started with these flags here would have; nothing runs.
// Never: asks or grants.
import { resolve } from 'node:path';
import { AworkersError, errorText } from '../../contract/errors.ts';
import { isObject } from '../../contract/json.ts';
import type { Decision, Verdict } from '../../contract/permission.ts';
import type { ExplainQuery } from '../../app-config.ts';
import { printable } from '../../contract/printable.ts';
import { command, type Flags, type Values } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { permissionFlags } from '../flags.ts';
import { withApp } from '../open.ts';
import type { Output } from '../render.ts';

const args = {
  command: { type: 'positional', required: false, description: 'A shell command, as the Bash tool would get it.' },
  tool: { type: 'string', valueHint: 'name', description: 'Another tool: Write, Edit, Read, Grep, mcp__server__tool.' },
  path: { type: 'string', valueHint: 'path', description: 'Its file_path.' },
  input: { type: 'string', valueHint: 'json', description: 'Its whole input, for any other tool.' },
  format: {
    type: 'enum',
    options: ['text', 'json'],
    default: 'text',
    description: 'To read, or the verdict as it is.',
  },
  ...permissionFlags,
} as const satisfies Flags;

export default command({
  usage: ['permissions explain "command" [flags]', 'permissions explain --tool <name> --path <path> [flags]'],
  details: ['Judges a call as a worker started here with the same flags would have it judged. Nothing is run.'],
  args,
  examples: [
    [`aworkers permissions explain "git log | head; rm -rf build"`, 'Every part of the command, and what decides it.'],
    ['aworkers permissions explain --tool Write --path .git/hooks/pre-commit', 'A protected path.'],
    [`aworkers permissions explain "npm test" --allow 'Bash(npm test:*)'`, 'Try a rule before using it.'],
  ],
  run: async ({ args: flags, io, out }) => {
    const query = queryOf(flags, io.cwd);
    const config = { logs: { 'logs-dir': undefined }, permissions: flags };
    return await withApp(io, config, async (app) => {
      const verdict = await app.explain(query);
      if (flags.format === 'json') out.json(JSON.stringify({ ...query, ...verdict }, null, 2));
      else out.page(explanation(verdict, out).join('\n'));
      return exitCode.completed;
    });
  },
});

function queryOf(flags: Values<typeof args>, cwd: string): ExplainQuery {
  if (flags.command !== undefined) {
    if (flags.tool !== undefined && flags.tool !== 'Bash') {
      throw new AworkersError(
        'usage',
        `A command belongs to Bash, not to --tool ${flags.tool}.`,
        'Give one of the two.',
      );
    }
    return { tool: 'Bash', input: { command: flags.command } };
  }
  if (flags.tool === undefined)
    throw new AworkersError('usage', 'There is nothing to explain.', 'Give a command, or --tool.');
  const path = flags.path === undefined ? {} : { file_path: resolve(cwd, flags.path) };
  return { tool: flags.tool, input: { ...path, ...inputOf(flags.input) } };
}

function inputOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new AworkersError('usage', `--input is not JSON: ${errorText(cause)}.`, '', { cause });
  }
  throw new AworkersError('usage', '--input must be a JSON object.', '');
}

const colours = { allow: 'green', ask: 'yellow', deny: 'red' } as const satisfies Record<Decision, string>;

function explanation(verdict: Verdict, out: Output): string[] {
  const paint = out.paintPage;
  const decided = (decision: Decision) => paint(colours[decision], decision.padEnd(5));
  const rule = (text: string | undefined) => (text === undefined ? '' : `  [${printable(text)}]`);
  return [
    `${decided(verdict.decision)} ${printable(verdict.reason)}${rule(verdict.rule)}`,
    ...verdict.parts.flatMap((part) => [
      '',
      `  ${decided(part.decision)} ${printable(part.part)}`,
      `        ${paint('dim', `${printable(part.reason)}${rule(part.rule)}`)}`,
    ]),
    ...(verdict.suggested_rule === undefined
      ? []
      : ['', `To allow it: --allow '${printable(verdict.suggested_rule).replaceAll("'", `'\\''`)}'`]),
  ];
}
