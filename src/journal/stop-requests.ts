// Owns: asking the process that runs a worker to stop it, across processes: a small file under the logs directory, in a folder
// of its own: a watch on the journals' folder would wake at every append (src/decisions/performance.md).
// Promises: the owner hears of it without polling; a request for a worker that is not its own is left alone.
// Never: ends anything itself, or follows a request that others could have written.
import { type FSWatcher, mkdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../contract/errors.ts';
import { isWorkerId } from './folder.ts';
import { ioError } from './io-error.ts';

const requestName = /^([0-9a-f-]{36})\.stop$/;

const folderName = '.worker-stops';

function requestPath(dir: string, workerId: string): string {
  return join(dir, folderName, `${workerId}.stop`);
}

function makeStopsFolder(dir: string): void {
  mkdirSync(join(dir, folderName), { recursive: true, mode: 0o700 });
}

export function requestStop(dir: string, workerId: string, reason: string): void {
  const path = requestPath(dir, workerId);
  try {
    makeStopsFolder(dir);
    writeFileSync(`${path}.tmp`, reason, { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw ioError(`write ${path}`, error, 'Check the logs directory.');
  }
}

/** Takes a request back that nobody answered. */
export function withdrawStop(dir: string, workerId: string): void {
  rmSync(requestPath(dir, workerId), { force: true });
}

/** `isOwn` tells the workers of this process. The watch does not keep the process running. */
export function watchStops(
  dir: string,
  isOwn: (workerId: string) => boolean,
  onStop: (workerId: string, reason: string) => void,
): { readonly close: () => void } {
  makeStopsFolder(dir);
  const watcher: FSWatcher = watch(join(dir, folderName), { persistent: false }, (_event, name) => {
    const id = requestName.exec(name ?? '')?.[1];
    if (id === undefined || !isWorkerId(id) || !isOwn(id)) return;
    const reason = take(requestPath(dir, id));
    if (reason !== undefined) onStop(id, reason);
  });
  watcher.on('error', () => watcher.close()); // such as a removed directory: then there is nobody to hear
  return { close: () => watcher.close() };
}

/** Undefined when there is no request, or one that somebody else may have put there. */
function take(path: string): string | undefined {
  try {
    if ((statSync(path).mode & 0o022) !== 0) return undefined;
    const reason = readFileSync(path, 'utf8').slice(0, 200);
    rmSync(path, { force: true });
    return reason;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined; // its removal is a change, too
    throw error;
  }
}
