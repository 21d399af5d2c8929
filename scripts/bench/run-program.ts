// Owns: one run of a program that does all its work and ends: the floor, our CLI, and whatever --vs names.
// Promises: waits for its end; what it cost is what the system counted, its children included.
import type { Ran } from './measured.ts';
import type { Place } from './place.ts';
import { watchMemory } from './process-tree.ts';

export async function runProgram(command: readonly string[], workers: number, place: Place): Promise<Ran> {
  const startedAt = performance.timeOrigin + performance.now();
  const begun = performance.now();
  const child = Bun.spawn([...command], {
    cwd: place.dir,
    env: place.env,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const memory = watchMemory(child.pid);
  const said = await new Response(child.stderr).text();
  const code = await child.exited;
  const wallMs = performance.now() - begun;
  const usage = child.resourceUsage();
  return {
    startedAt,
    wallMs,
    cpuMs: Number(usage?.cpuTime.total ?? Number.NaN) / 1_000,
    peakMb: Math.max(memory.stop(), (usage?.maxRSS ?? 0) / 1024 / 1024),
    // Which programs say how many workers finished differs; the requests and the exit code are the same for all.
    finished: code === 0 ? workers : 0,
    said: `It ended with ${code}: ${said.slice(-600)}`,
  };
}

/** Bun's fetch runs 256 requests at most unless this is set before it starts. */
export const unlimited = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65000' };
