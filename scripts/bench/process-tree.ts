// Owns: the memory of a program with all its children.
// Promises: the largest sum of resident sets that was seen.
// Never: stops a process.
import { readFileSync, readdirSync } from 'node:fs';

const pageKb = 4;

/** Ends with `stop`; a sample walks /proc, in this process. Without /proc it sees nothing. */
export function watchMemory(pid: number, everyMs = 100): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, residentMb(pid));
    },
  };
}

export function residentMb(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * pageKb) / 1024 + childrenOf(pid).reduce((sum, child) => sum + residentMb(child), 0);
  } catch {
    return 0; // it has just ended, or there is no /proc here
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);
}
