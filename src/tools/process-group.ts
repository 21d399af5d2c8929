// Owns: what belongs to a command's process group, and ending it.
// Promises: TERM first, KILL after the grace; returns when the group is gone, or cannot be made to go.
// Never: signals a group that was not started by us.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** From SIGKILL to the end of a process: only a busy machine needs it. */
const dyingMs = 500;

export async function endGroup(group: number, graceMs: number, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') return endTree(group);
  signalGroup(group, 'SIGTERM');
  if (await settled(() => !groupIsAlive(group, platform), graceMs)) return;
  signalGroup(group, 'SIGKILL');
  await settled(() => !groupIsAlive(group, platform), dyingMs);
}

/** Zombies answer signals until somebody collects them, which in a container without an init is never: so look closer. */
export function groupIsAlive(group: number, platform: NodeJS.Platform): boolean {
  if (platform === 'win32' || !signalGroup(group, 0)) return false;
  return platform !== 'linux' || livingMembers(group).length > 0;
}

export type Member = { readonly pid: number; readonly parent: number };

/** Linux only. */
export function livingMembers(group: number): readonly Member[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const { state, parent, pgrp } = statOf(name);
    return pgrp === String(group) && !dead.has(state) ? [{ pid: Number(name), parent: Number(parent) }] : [];
  });
}

/** Linux only. */
export function isLiving(pid: number): boolean {
  return !dead.has(statOf(String(pid)).state);
}

/** Zombie, dead, not there. */
const dead: ReadonlySet<string | undefined> = new Set(['Z', 'X', undefined]);

/** Looks ever less often. True when `test` holds within `limitMs`. */
export async function settled(test: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let pause = 1; !test(); pause *= 2) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  return true;
}

/** False: there is no such process, or none in the group. */
export function signalProcess(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // ESRCH: it is gone
  }
}

function signalGroup(group: number, name: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, name);
}

function statOf(pid: string): { readonly state?: string; readonly parent?: string; readonly pgrp?: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent = '', pgrp = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent, pgrp };
  } catch {
    return {}; // gone already
  }
}

async function endTree(pid: number): Promise<void> {
  const child = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
