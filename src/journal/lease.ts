// Owns: signs of life for processes that cannot look each other up by pid: other containers or machines on one directory.
// Promises: one small file a process, touched while it lives, gone when it closes; it never keeps the process running.
// Never: decides about a process of this machine (owner.ts does, by pid and start time).
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';

const beatEvery = 15_000;
const freshFor = 60_000;
const prefix = '.worker-owner-';

export type Lease = { readonly stop: () => void };

/** The directory must exist. */
export function startLease(dir: string, instance: string): Lease {
  const path = leasePath(dir, instance);
  writeFileSync(path, '', { mode: 0o600 });
  const timer = setInterval(() => beat(path), beatEvery);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      rmSync(path, { force: true });
    },
  };
}

export function beats(dir: string, instance: string): boolean {
  return age(leasePath(dir, instance)) < freshFor;
}

function leasePath(dir: string, instance: string): string {
  return join(dir, `${prefix}${instance.replaceAll(/[^\w.-]/g, '_')}`);
}

function beat(path: string): void {
  try {
    writeFileSync(path, '', { mode: 0o600 });
  } catch {
    // the directory was removed or is full: the next append says so, with the worker it concerns
  }
}

function age(path: string): number {
  const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return at === undefined ? Infinity : Date.now() - at;
}
