// Owns: finding the processes of a call wherever they went: also those that left its group by setsid.
// Promises: each command's environment carries a mark of this process, worker and call; on Linux the marked ones can be
// found and ended; one scan serves everyone who asks at the same time.
// Never: touches a process without the mark. Where there is no /proc it finds nothing.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export const markVariable = 'AWORKERS_TOOL_CALL';

/** Start of every mark that this process gives. */
export const instanceMark = randomUUID();

/** A process that forks while it is looked for is found in the next pass. */
const passes = 3;
const batchMs = 5;

let waiting: { readonly mark: string; readonly done: (killed: number) => void }[] = [];

/** Kills every process whose mark begins with `mark` (end it with a separator). Resolves to how many there were. */
export async function killMarked(mark: string, platform: NodeJS.Platform): Promise<number> {
  if (platform !== 'linux') return 0;
  return new Promise((resolve) => {
    waiting.push({ mark, done: resolve });
    if (waiting.length === 1) setTimeout(scan, batchMs);
  });
}

function scan(): void {
  const asked = waiting;
  waiting = [];
  const killed = new Map<string, number>();
  for (let pass = 0; pass < passes; pass += 1) {
    const found = markedProcesses(asked.map(({ mark }) => mark));
    if (found.length === 0) break;
    for (const { pid, mark } of found) {
      killed.set(mark, (killed.get(mark) ?? 0) + 1);
      kill(pid);
    }
  }
  for (const { mark, done } of asked) done(killed.get(mark) ?? 0);
}

function markedProcesses(marks: readonly string[]): { readonly pid: number; readonly mark: string }[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
  return pids.flatMap((pid) => {
    const own = markOf(pid);
    const mark = own === undefined ? undefined : marks.find((candidate) => own.startsWith(candidate));
    return mark === undefined ? [] : [{ pid, mark }];
  });
}

function markOf(pid: number): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const start = environment.indexOf(`${markVariable}=${instanceMark}`);
    if (start < 0) return undefined;
    const end = environment.indexOf('\0', start);
    return environment.slice(start + markVariable.length + 1, end < 0 ? undefined : end);
  } catch {
    return undefined; // gone already, or another user's
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
