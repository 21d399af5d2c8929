// Owns: the name of this process among all that ever ran here, and whether the process behind such a name still runs.
// Promises: a pid that was given to another process is not taken for the old one (Linux and macOS compare start times);
// what cannot be known is taken as alive, since a second writer does more harm than a worker that waits.
// Never: signals a process.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { codeOf } from '../contract/errors.ts';
import type { WorkerSnapshot } from '../contract/worker.ts';

export type Owner = WorkerSnapshot['owner'];

/** "place-boot-start-nonce": where pids mean the same, since when, when this one began, and which store of the process. */
const shape = /^([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-z]+)-([0-9a-f]{8})$/;

/** Stores of this very process: one that was closed is as dead as a process that ended. */
const openHere = new Set<string>();

export function ownInstance(): string {
  return [place(), boot(), startOf(process.pid) ?? 'unknown', randomBytes(4).toString('hex')].join('-');
}

export function enter(instance: string): void {
  openHere.add(instance);
}

export function leave(instance: string): void {
  openHere.delete(instance);
}

/** `beats` tells of an owner whose pid means nothing here (another machine or container) whether it still gives signs of life. */
export function isAlive(owner: Owner, beats: (instance: string) => boolean): boolean {
  if (openHere.has(owner.instance)) return true;
  const [, itsPlace, itsBoot, itsStart] = shape.exec(owner.instance) ?? [];
  if (itsPlace === undefined) return owner.pid !== process.pid && exists(owner.pid);
  if (itsPlace !== place()) return beats(owner.instance);
  if (itsBoot !== boot() || owner.pid === process.pid || !exists(owner.pid)) return false;
  const start = startOf(owner.pid);
  return start === undefined || itsStart === 'unknown' ? !isZombie(owner.pid) : start === itsStart;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM'; // it is there, but another user's
  }
}

/** Undefined when it cannot be told, also of a process that has ended and is not yet reaped. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const fields = statOf(pid);
    return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]).toString(36);
  }
  if (process.platform !== 'darwin') return undefined;
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    const started = execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
    return (Date.parse(`${started.trim()} UTC`) / 1000).toString(36);
  } catch {
    return undefined; // ended meanwhile, or no ps: unknown
  }
}

function isZombie(pid: number): boolean {
  return process.platform === 'linux' && ['Z', 'X', undefined].includes(statOf(pid)?.[0]);
}

/** Fields of /proc/pid/stat from the third (state) on; the second, a name, may hold anything. */
function statOf(pid: number): string[] | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

let cachedPlace: string | undefined;
function place(): string {
  cachedPlace ??= short(`${hostname()} ${textOf('/etc/machine-id')} ${linkOf('/proc/self/ns/pid')}`);
  return cachedPlace;
}

let cachedBoot: string | undefined;
function boot(): string {
  cachedBoot ??= short(textOf('/proc/sys/kernel/random/boot_id'));
  return cachedBoot;
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // not on this system
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // not on this system
  }
}
