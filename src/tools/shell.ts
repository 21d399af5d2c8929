// Owns: which shell runs commands, and how one is given to it.
// Promises: bash if there, else sh; stdout and stderr reach us through one pipe, so their order is kept, and /dev/stdout
// and /dev/stderr can be opened by name.
// Never: changes what the command means: the gate judged its text.
import { delimiter } from 'node:path';
import { findProgram } from './program.ts';

export type Shell = { readonly name: 'bash' | 'sh'; readonly path: string };

const found = new Map<string, Shell | undefined>();

export function findShell(path: string, platform: NodeJS.Platform): Shell | undefined {
  const key = `${platform} ${path}`;
  if (!found.has(key)) found.set(key, search(path, platform));
  return found.get(key);
}

export type ShellCommand = {
  readonly program: string;
  readonly args: readonly string[];
  /** stderr then carries the exit code and nothing else, as soon as the command has ended. */
  readonly tellsStatus: boolean;
};

/**
 * The runtime gives a child sockets, and Linux cannot open a socket as /dev/stdout. For commands that do so, bash makes a
 * pipe to a `cat`, tells the exit code over the socket that stderr was, and collects `cat`, which would else be left
 * to an init that there may not be. The command runs in a subshell: that knows nothing of `cat`, for which a bare
 * `wait` would wait for ever, and cannot reach the status. Twice the price of the plain form, so only where needed.
 */
const piped = [
  `exec 9>&2`,
  `exec > >(trap '' TERM INT HUP; exec 9>&- cat) 2>&1`,
  `( exec 9>&-; eval "$1" )`,
  `code=$?`,
  `echo $code >&9`,
  `exec >&- 2>&-`,
  `wait`,
  `exit $code`,
].join('; ');

const plain = `exec 2>&1; eval "$1"`;

const opensByName = /\/dev\/(std|fd)|\/proc\/self\/fd/;
const openingFailed = /\/dev\/(stdout|stderr|fd\/[12])\b.*No such device or address/;

/** `byName`: an earlier command showed that a script here opens /dev/stdout or /dev/stderr. */
export function shellCommand(shell: Shell, command: string, platform: NodeJS.Platform, byName: boolean): ShellCommand {
  if (shell.name === 'sh') return { program: shell.path, args: ['-c', plain, 'sh', command], tellsStatus: false };
  const tellsStatus = platform === 'linux' && (byName || opensByName.test(command));
  const args = ['--noprofile', '--norc', '-c', tellsStatus ? piped : plain, 'bash', command];
  return { program: shell.path, args, tellsStatus };
}

/** True when the output shows that the plain form was not enough. */
export function neededPipe(ran: ShellCommand, output: string): boolean {
  return !ran.tellsStatus && openingFailed.test(output);
}

function search(path: string, platform: NodeJS.Platform): Shell | undefined {
  const places = ['/bin', '/usr/bin', path].join(delimiter);
  for (const name of ['bash', 'sh'] as const) {
    const program = findProgram(name, places, platform);
    if (program !== undefined) return { name, path: program };
  }
  return undefined;
}
