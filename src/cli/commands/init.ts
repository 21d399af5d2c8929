// Owns: `aworkers init`: shows what would change in the settings of the hosts, and writes it on yes.
// Promises: nothing is written without a yes (--yes, or one in a terminal); --remove puts everything back.
// Never: decides what a host needs (init/ does).
import { AworkersError } from '../../contract/errors.ts';
import { didYouMean } from '../../contract/parse.ts';
import { printable } from '../../contract/printable.ts';
import { type HostName, hostNames } from '../../init/hosts.ts';
import type { Plan, Request } from '../../init/index.ts';
import { selfCommand } from '../../self-command.ts';
import { canPrompt } from '../approver.ts';
import { command, type Flags, type Values } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import type { CliIo } from '../io.ts';
import type { Output } from '../render.ts';

const args = {
  host: {
    type: 'string',
    multiple: true,
    valueHint: 'name',
    description: `${hostNames.join(', ')}. Default: those in use here. Repeatable.`,
  },
  yes: { type: 'boolean', alias: 'y', description: 'Write without asking.' },
  'dry-run': { type: 'boolean', description: 'Show the change, write nothing.' },
  remove: { type: 'boolean', description: 'Put the files back as they were.' },
  skill: { type: 'boolean', description: 'Write the skill, also where Claude Code is not among the hosts.' },
  'server-only': { type: 'boolean', description: 'Write no skill.' },
  'human-approval': {
    type: 'boolean',
    description: "Add the host's rule that asks its human before approve_permission.",
  },
  'replace-task': {
    type: 'boolean',
    description: 'Turn the built-in Task (Agent) tool of Claude Code off in this project.',
  },
  'trust-project': {
    type: 'boolean',
    description: 'Let allow rules, MCP servers and skills of this project count for workers (in .mcp.json).',
  },
} as const satisfies Flags;

export default command({
  usage: ['init [flags]', 'init --remove [--host <name>]'],
  details: [
    'Adds the MCP server to the settings of the hosts in use, with what lets wait block there: .mcp.json, ~/.codex/config.toml, opencode.json, ~/.gemini/settings.json, .vscode/mcp.json, .cursor/mcp.json. For Claude Code also the skill that says when and how to delegate, in .claude/skills/async-workers.',
    'Comments, keys and layout of existing files stay. Copies of them are kept in .aworkers (git ignores it); --remove puts them back byte for byte. Running it again changes nothing.',
  ],
  args,
  examples: [
    ['aworkers init', 'Show the change for the hosts found here, and ask.'],
    ['aworkers init --yes --host claude-code --replace-task', 'Claude Code delegates with aworkers alone.'],
    ['aworkers init --human-approval', 'No model answers a permission request by itself.'],
    ['aworkers init --remove', 'Undo all of it.'],
  ],
  run: async ({ args: flags, io, out }) => {
    refuseContradictions(flags);
    const { carryOut, planInit, planRemove } = await import('../../init/index.ts');
    const request = requestFrom(flags, io);
    const plan = flags.remove ? await planRemove(request) : await planInit(request);
    await show(plan, out);
    if (plan.changes.length === 0) {
      out.page(flags.remove ? 'There is nothing to take back.' : 'Everything is in place.');
      return exitCode.completed;
    }
    if (flags['dry-run']) {
      out.note('Nothing was written (--dry-run).');
      return exitCode.completed;
    }
    if (!flags.yes && !(await confirmed(io, out))) {
      out.note('Nothing was written.');
      return exitCode.completed;
    }
    await carryOut(plan, request.roots);
    out.page(
      flags.remove ? 'Put back.' : ['Written.', ...plan.next.map((line) => `  ${line}`), undo(flags)].join('\n'),
    );
    return exitCode.completed;
  },
});

function refuseContradictions(flags: Values<typeof args>): void {
  const adding = (['skill', 'server-only', 'human-approval', 'replace-task', 'trust-project'] as const).filter(
    (name) => flags[name],
  );
  if (flags.remove && adding.length > 0) {
    throw new AworkersError(
      'usage',
      `--remove takes back everything that init wrote; it does not go with --${adding.join(', --')}.`,
      'Remove first, then run init again with what you want to keep.',
    );
  }
  if (flags.skill && flags['server-only'])
    throw new AworkersError('usage', '--skill and --server-only exclude each other.', '');
}

function requestFrom(flags: Values<typeof args>, io: CliIo): Request {
  return {
    roots: { project: io.cwd, home: io.home },
    env: io.env,
    platform: process.platform,
    self: selfCommand('mcp'),
    hosts: flags.host.length === 0 ? undefined : [...new Set(flags.host.map(hostNamed))],
    skill: flags.skill ? true : flags['server-only'] ? false : undefined,
    humanApproval: flags['human-approval'],
    replaceTask: flags['replace-task'],
    trustProject: flags['trust-project'],
  };
}

function hostNamed(text: string): HostName {
  const found = hostNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new AworkersError(
    'usage',
    `There is no host "${text}"${didYouMean(text, hostNames) || '.'}`,
    `Hosts: ${hostNames.join(', ')}.`,
  );
}

async function show(plan: Plan, out: Output): Promise<void> {
  const { diffOf } = await import('../../init/index.ts');
  for (const change of plan.changes) {
    const diff = await diffOf(change);
    if (diff === undefined) continue;
    out.page(
      printable(diff)
        .split('\n')
        .map((line) =>
          line.startsWith('+')
            ? out.paintPage('green', line)
            : line.startsWith('-')
              ? out.paintPage('red', line)
              : line,
        )
        .join('\n'),
    );
  }
  for (const note of plan.notes) out.note(`${out.paintNote('yellow', 'note:')} ${printable(note)}`);
}

async function confirmed(io: CliIo, out: Output): Promise<boolean> {
  if (!canPrompt(io)) {
    throw new AworkersError(
      'usage',
      'Nothing was written: nobody is here to say yes.',
      'Use --yes to write it, --dry-run to look only.',
    );
  }
  const { confirm, isCancel } = await import('@clack/prompts');
  const release = out.hold();
  try {
    const answer = await confirm({ message: 'Write this?', initialValue: false, input: io.stdin, output: io.stderr });
    return !isCancel(answer) && answer;
  } finally {
    release();
  }
}

function undo(flags: Values<typeof args>): string {
  const task = flags['replace-task'] ? ' The Task tool comes back with it.' : '';
  return `Undo: aworkers init --remove.${task}`;
}
