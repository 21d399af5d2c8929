// Owns: what a command leaves running when it has itself ended.
// Promises: it may finish within the grace, then it is ended, in the group or escaped from it; output already written is never
// lost to that, however busy the machine is.
// Never: takes a slow reader for a process that was left.
import type { CommandLine } from './command.ts';
import type { Limits } from './limits.ts';
import { endGroup, groupIsAlive, livingMembers, settled, signalProcess } from './process-group.ts';
import { killMarked } from './process-mark.ts';

/** With every writer gone the end of the output is certain; this bounds what no bug of ours should cause. */
const drainMs = 5_000;

/** `closed` resolves at the end of the output. True when something was left and had to be ended. */
export async function endLeftovers(
  group: number,
  closed: Promise<void>,
  line: CommandLine,
  limits: Limits,
): Promise<boolean> {
  const { platform } = line;
  const drained = await within(closed, limits.leftoverGraceMs);
  if (drained && !groupIsAlive(group, platform)) return false;
  const left = (): boolean => (line.tellsStatus ? strangers(group).length > 0 : groupIsAlive(group, platform));
  const inGroup = !(await settled(() => !left(), drained ? limits.leftoverGraceMs : 0));
  if (inGroup && line.tellsStatus) await endStrangers(group, limits.abortGraceMs);
  else if (inGroup) await endGroup(group, limits.abortGraceMs, platform);
  if (drained || (await within(closed, limits.abortGraceMs))) return inGroup;
  const escaped = await killMarked(`${line.mark}.`, platform, group); // something outside the group holds the output
  await within(closed, platform === 'linux' ? drainMs : limits.abortGraceMs);
  return inGroup || escaped > 0;
}

/** True when `event` came in time. */
export async function within(event: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), limitMs)));
  try {
    return await Promise.race([event.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Members that are neither the shell that relays the output nor its `cat`: these two end by themselves. */
function strangers(group: number): readonly number[] {
  return livingMembers(group)
    .filter(({ pid, parent }) => pid !== group && parent !== group)
    .map(({ pid }) => pid);
}

async function endStrangers(group: number, graceMs: number): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of strangers(group)) signalProcess(pid, name);
    if (await settled(() => strangers(group).length === 0, graceMs)) return;
  }
}
