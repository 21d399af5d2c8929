// Owns: `aworkers completions`: prints the completion script of a shell.
// Promises: made from the definitions that the parser uses.
// Never: writes a file.
import { aliasOf, command, type Flags } from '../command.ts';
import { type CompletedCommand, completionScripts, shells } from '../completion-scripts.ts';
import { exitCode } from '../exit-code.ts';
import { AworkersError } from '../../contract/errors.ts';

const args = {
  shell: { type: 'positional', required: true, description: 'bash, zsh or fish.' },
} as const satisfies Flags;

export default command({
  usage: ['completions bash|zsh|fish'],
  args,
  examples: [
    ['source <(aworkers completions bash)', 'For this shell; in ~/.bashrc for every one.'],
    ['aworkers completions fish > ~/.config/fish/completions/aworkers.fish', 'For fish.'],
  ],
  run: async ({ args: flags, out }) => {
    const shell = shells.find((name) => name === flags.shell);
    if (shell === undefined) {
      throw new AworkersError('usage', `There is no completion for "${flags.shell}".`, `Shells: ${shells.join(', ')}.`);
    }
    out.result(completionScripts[shell](await definitions()));
    return exitCode.completed;
  },
});

async function definitions(): Promise<readonly CompletedCommand[]> {
  const { commands } = await import('../commands.ts');
  return await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const { args: flags } = await load();
      const named = Object.entries(flags).filter(([, flag]) => flag.type !== 'positional');
      return {
        name,
        summary,
        words: name === 'completions' ? [...shells] : [],
        flags: named.map(([flagName, flag]) => ({
          name: flagName,
          alias: aliasOf(flag),
          description: flag.description,
          values: flag.type === 'enum' ? flag.options : [],
          takesValue: flag.type !== 'boolean',
        })),
      };
    }),
  );
}
