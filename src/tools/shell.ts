// Owns: which shell runs commands, and how one is given to it.
// Promises: bash if there, else sh; stdout and stderr reach us through one pipe, so their order is kept, and /dev/stdout
// and /dev/stderr can be opened by name.
// Never: changes what the command means: the gate judged its text.
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export type Shell = { readonly name: 'bash' | 'sh'; readonly path: string };

const found = new Map<string, Shell | undefined>();

export function findShell(path: string, platform: NodeJS.Platform): Shell | undefined {
  const key = `${platform} ${path}`;
  if (!found.has(key)) found.set(key, search(path, platform));
  return found.get(key);
}

/**
 * The runtime gives a child sockets, and Linux can't open a socket as /dev/stdout: scripts that write to /dev/stderr would
 * fail. So bash makes a pipe to a `cat`. The command runs in a subshell, which does not know that `cat` is a child of
 * its own: a bare `wait` would wait for it for ever.
 */
const piped = `exec > >(trap '' TERM INT HUP; exec cat) 2>&1; ( eval "$1" )`;
const plain = `exec 2>&1; eval "$1"`;

export function shellArguments(shell: Shell, command: string, platform: NodeJS.Platform): readonly string[] {
  const wrapper = shell.name === 'bash' && platform === 'linux' ? piped : plain;
  return shell.name === 'bash'
    ? ['--noprofile', '--norc', '-c', wrapper, 'bash', command]
    : ['-c', wrapper, 'sh', command];
}

function search(path: string, platform: NodeJS.Platform): Shell | undefined {
  const suffix = platform === 'win32' ? '.exe' : '';
  const folders = ['/bin', '/usr/bin', ...path.split(delimiter)].filter((folder) => isAbsolute(folder));
  for (const name of ['bash', 'sh'] as const) {
    const folder = folders.find((candidate) => isExecutable(join(candidate, name + suffix)));
    if (folder !== undefined) return { name, path: join(folder, name + suffix) };
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not here
  }
}
