// Owns: one small shell beside this process, which ends the commands that are still running if this process is killed.
// Promises: started with the first command; costs a line on a pipe when a command starts and one when it ends; goes when
// we go, however we go, and takes the groups with it (on Linux also what left its group).
// Never: keeps this process alive; signals a group whose end was reported.
import { type ChildProcess, spawn } from 'node:child_process';
import { instanceMark, markVariable } from './process-mark.ts';

const script = `
trap '' INT TERM HUP QUIT
live=' '
while read -r operation group; do
  case $operation in
    +) live="$live$group " ;;
    -) live="\${live%% $group *} \${live#* $group }" ;;
  esac
done
for group in $live; do kill -KILL -- "-$group"; done
[ -d /proc/self ] || exit 0
for round in 1 2 3; do
  for file in $(grep -ls -e "$1" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}"
  done
done
`;

let shell: ChildProcess | undefined;

/** To be called before a command starts: killed between its start and the line on the pipe, we would leave it behind. */
export function startWatchdog(path: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32') shell ??= start(path);
}

/** Watches the group from now on. Call what it returns when the group is gone. */
export function watchGroup(group: number): () => void {
  shell?.stdin?.write(`+ ${group}\n`);
  return () => {
    shell?.stdin?.write(`- ${group}\n`);
  };
}

function start(path: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script, 'aworkers-watchdog', `${markVariable}=${instanceMark}`], {
    cwd: '/',
    env: { PATH: path },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const forget = (): void => {
    if (shell === child) shell = undefined;
  };
  // Without a shell there is no watchdog; commands still end by group, timeout and close.
  child.once('error', forget);
  child.once('exit', forget);
  child.stdin?.on('error', forget);
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  return child;
}
