// Owns: ending a command's process group.
// Promises: TERM first, KILL after the grace; returns when the group is gone or was killed.
// Never: signals a group that was not started by us.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export async function endGroup(group: number, graceMs: number, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') return endTree(group);
  signal(group, 'SIGTERM');
  await untilGone(group, graceMs, platform);
  signal(group, 'SIGKILL');
}

/** True when nothing of the group lives any more, false when something still does after `limitMs`. */
export async function untilGone(group: number, limitMs: number, platform: NodeJS.Platform): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let pause = 1; isAlive(group, platform); pause *= 2) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  return true;
}

/** Zombies answer signals until somebody collects them, which in a container without an init is never: so look closer. */
function isAlive(group: number, platform: NodeJS.Platform): boolean {
  if (platform === 'win32' || !signal(group, 0)) return false;
  if (platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    const [state, , pgrp] = statOf(name);
    return pgrp === String(group) && state !== 'Z' && state !== 'X';
  });
}

function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // gone already
  }
}

function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch {
    return false; // ESRCH: the group is empty
  }
}

async function endTree(pid: number): Promise<void> {
  const child = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
