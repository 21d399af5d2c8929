// Owns: one invocation from argv to exit code: finds the command, loads it, runs it, turns what it throws into a code and a text.
// Promises: nothing heavy is loaded for --version and --help; all output has left the process when it resolves, or the code says
// that it could not.
// Never: exits the process.
import { AworkersError, errorText } from '../contract/errors.ts';
import { printable } from '../contract/printable.ts';
import type { Command } from './command.ts';
import { commandNames, commands, findCommand } from './commands.ts';
import { exitCode, exitCodeOfError } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { createOutput, type Output } from './render.ts';
import { versionLine } from './version-line.ts';

export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const out = createOutput(io);
  const code = await dispatch(argv, io, out).catch((error: unknown) => report(error, out));
  await out.flush();
  const lost = out.lost();
  if (lost === undefined) return code;
  out.note(`${out.paintNote('red', 'aworkers:')} stdout could not be written: ${errorText(lost)}. ${lostHint}`);
  await out.flush();
  return code === exitCode.completed ? exitCode.failed : code;
}

const lostHint = 'What it got is not whole. Make room, or send it elsewhere; what a worker did is in its log.';

async function dispatch(argv: readonly string[], io: CliIo, out: Output): Promise<number> {
  const words = argv.length === 0 && io.stdin.isTTY !== true ? ['mcp'] : argv;
  const first = words[0];
  if (first === '--version' || first === '-v') {
    out.page(versionLine());
    return exitCode.completed;
  }
  if (first === undefined || first === '--help' || first === '-h') return await showRootHelp(out);
  if (first === 'help') return await showHelp(words.slice(1), out);

  const found = findCommand(words);
  if (found === undefined) throw await unknownCommand(words);
  const command = await commands[found.name]?.load();
  if (command === undefined) throw await unknownCommand(words);

  const { parseArguments, wantsHelp } = await import('./arguments.ts');
  if (wantsHelp(found.rest)) return await showCommandHelp(found.name, command, out);
  return await command.run({ args: parseArguments(found.name, found.rest, command.args), io, out });
}

async function showHelp(words: readonly string[], out: Output): Promise<number> {
  if (words.length === 0) return await showRootHelp(out);
  const name = findCommand(words)?.name;
  const command = name === undefined ? undefined : await commands[name]?.load();
  if (name === undefined || command === undefined) throw await unknownCommand(words);
  return await showCommandHelp(name, command, out);
}

async function showRootHelp(out: Output): Promise<number> {
  const { rootHelp } = await import('./help.ts');
  out.page(rootHelp(commands));
  return exitCode.completed;
}

async function showCommandHelp(name: string, command: Command, out: Output): Promise<number> {
  const { commandHelp } = await import('./help.ts');
  const entry = commands[name];
  if (entry !== undefined) out.page(commandHelp(name, entry, command));
  return exitCode.completed;
}

async function unknownCommand(words: readonly string[]): Promise<AworkersError> {
  const { didYouMean } = await import('../contract/parse.ts');
  const first = words[0] ?? '';
  const family = commandNames.filter((name) => name.startsWith(`${first} `));
  if (family.length > 0) {
    return new AworkersError(
      'usage',
      `"${first}" needs a second word.`,
      `Try: aworkers ${family.join(', aworkers ')}.`,
    );
  }
  const kind = first.startsWith('-') ? 'flag' : 'command';
  const hint = kind === 'flag' ? 'Flags go behind a command.' : `Commands: ${commandNames.join(', ')}.`;
  const known = kind === 'flag' ? ['--help', '--version'] : commandNames;
  return new AworkersError('usage', `unknown ${kind} "${first}"${didYouMean(first, known) || '.'}`, hint);
}

function report(error: unknown, out: Output): number {
  const code = error instanceof AworkersError ? error.code : 'internal';
  // It may quote a file of the working directory, or the last words of a server.
  out.note(`${out.paintNote('red', 'aworkers:')} ${printable(errorText(error))}`);
  if (code === 'internal' && error instanceof Error && error.stack !== undefined) out.note(printable(error.stack));
  return exitCodeOfError(code);
}
