// Owns: finding the processes of a call wherever they went: also those that left its group by setsid.
// Promises: each command's environment carries a mark of this process, worker and call; on Linux the marked ones can be
// found and ended; one scan serves everyone who asks at the same time.
// Never: touches a process without the mark. Where there is no /proc it finds nothing.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { isLiving, livingMembers, settled, signalProcess } from './process-group.ts';

export const markVariable = 'AWORKERS_TOOL_CALL';

/** Start of every mark that this process gives. */
export const instanceMark = randomUUID();

/** A process that forks while it is looked for, or that is slow to die, is met again. */
const dyingMs = 500;
const batchMs = 5;

type Search = {
  readonly mark: string;
  readonly exceptGroup: number | undefined;
  readonly done: (killed: number) => void;
};

let waiting: Search[] = [];

/**
 * Kills every process whose mark begins with `mark` (end it with a separator), save those of one group. Resolves when they
 * are gone, to how many there were.
 */
export async function killMarked(mark: string, platform: NodeJS.Platform, exceptGroup?: number): Promise<number> {
  if (platform !== 'linux') return 0;
  return new Promise((resolve) => {
    waiting.push({ mark, exceptGroup, done: resolve });
    if (waiting.length === 1) setTimeout(() => void killAll(), batchMs);
  });
}

async function killAll(): Promise<void> {
  const searches = waiting;
  waiting = [];
  const killed = new Map<Search, Set<number>>(searches.map((search) => [search, new Set()]));
  await settled(() => {
    const found = markedProcesses(searches);
    for (const { pid, search } of found) {
      killed.get(search)?.add(pid);
      signalProcess(pid, 'SIGKILL');
    }
    // A dying process loses its environment before it is gone.
    return found.length === 0 && ![...killed.values()].some((pids) => [...pids].some(isLiving));
  }, dyingMs);
  for (const [search, pids] of killed) search.done(pids.size);
}

function markedProcesses(searches: readonly Search[]): { readonly pid: number; readonly search: Search }[] {
  const spared = new Map(
    searches.map((search) => [
      search,
      new Set(search.exceptGroup === undefined ? [] : livingMembers(search.exceptGroup).map(({ pid }) => pid)),
    ]),
  );
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
  return pids.flatMap((pid) => {
    const own = markOf(pid);
    if (own === undefined) return [];
    const search = searches.find((each) => own.startsWith(each.mark) && spared.get(each)?.has(pid) !== true);
    return search === undefined ? [] : [{ pid, search }];
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
