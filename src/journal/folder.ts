// Owns: the logs directory: the names in it, and making it.
// Promises: a directory that we make is 0700 and ignored by git; one that was there keeps its mode and its own ignore file.
// Never: builds a path from anything but a checked worker id.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AworkersError, codeOf } from '../contract/errors.ts';
import { ioError } from './io-error.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const journalName = /^worker-([0-9a-f-]{36})\.jsonl$/;

export function isWorkerId(text: string): boolean {
  return uuid.test(text);
}

export function journalPath(dir: string, workerId: string): string {
  return join(dir, `worker-${workerId}.jsonl`);
}

export function transcriptPath(dir: string, workerId: string): string {
  return join(dir, `worker-${workerId}.json`);
}

/** Ids of all journals; none when the directory does not exist. */
export function workerIdsIn(dir: string): string[] {
  return namesIn(dir).flatMap((name) => {
    const id = journalName.exec(name)?.[1];
    return id !== undefined && isWorkerId(id) ? [id] : [];
  });
}

/** Names of all files; none when the directory does not exist. */
function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw folderError(dir, error);
  }
}

/** Throws an AworkersError that names the path when it cannot be used. */
export function makeFolder(dir: string): void {
  try {
    const made = mkdirSync(dir, { recursive: true, mode: 0o700 });
    ignoreInGit(dir, made !== undefined);
  } catch (error) {
    throw folderError(dir, error);
  }
}

const leftOver = /^\.worker-.*(\.tmp$|\.claim-|owner-)/;
const forgottenAfter = 24 * 3600_000;

/** Removes what processes left that died in the middle of something a day or longer ago. */
export function sweep(dir: string): void {
  for (const name of namesIn(dir).filter((name) => leftOver.test(name))) {
    const touched = statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - touched > forgottenAfter) rmSync(join(dir, name), { force: true });
  }
}

/** Existing folders may hold a stranger's files: there, only our own names are ignored. */
function ignoreInGit(dir: string, ours: boolean): void {
  try {
    writeFileSync(join(dir, '.gitignore'), ours ? '*\n' : 'worker-*\n.worker-*\n', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function folderError(dir: string, error: unknown): AworkersError {
  const hint = 'Choose another directory with --logs-dir or AWORKERS_LOGS_DIR.';
  if (['EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '') && isNoFolder(dir)) {
    return new AworkersError('usage', `The logs path ${dir} is not a directory: a file is in the way.`, hint, {
      cause: error,
    });
  }
  return ioError(`use ${dir} as the logs directory`, error, hint);
}

function isNoFolder(dir: string): boolean {
  try {
    return !statSync(dir).isDirectory();
  } catch {
    return true; // a parent of it is a file
  }
}
