// Owns: that what a tool opens is what the gate judged for this very call.
// Promises: a path that leads elsewhere by now fails the call. What was opened is checked once it is open: on Linux the kernel
// says by which path it was reached, and files are written inside the directory that was checked, whatever its path leads to by
// then. Without /proc, a directory swapped and swapped back within microseconds goes unnoticed.
// Never: reads or writes by way of a new link. What lies below the root of a search, and who else holds a file (hard links, mounts), it does not see.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { codeOf } from '../contract/errors.ts';
import type { JudgedCall } from '../contract/permission.ts';
import type { ToolContext } from './context.ts';
import { ToolFailure } from './define-tool.ts';

const handles = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;

/** Names a directory without the right to list it. Linux alone; node:fs has no name for it. */
const oPath = 0x20_00_00;

/** The real path of the call, which `shown` leads to now as it did when it was judged. */
export function judgedPath(
  { paths, cwd }: Pick<ToolContext, 'paths' | 'cwd'>,
  shown: string,
  call: JudgedCall,
): string {
  const { real_path } = call;
  if (real_path === undefined)
    throw new ToolFailure(`${shown} was not judged by the permission gate: nothing was opened.`);
  if (paths.resolve(shown, cwd).real !== real_path) throw movedFailure(shown);
  return real_path;
}

/** For a search that may start below the place that was judged. */
export function requireInside(real: string, shown: string, { real_path }: JudgedCall): void {
  const inside = real_path !== undefined && (real === real_path || real.startsWith(join(real_path, sep)));
  if (!inside) throw movedFailure(shown);
}

/** `real` must be a resolved path. Throws when `fd` was opened by way of a link that was put there since. */
export function requireOpenedAt(fd: number, real: string, shown: string): void {
  if (!isOpenedAt(fd, real)) throw movedFailure(shown);
}

export function movedFailure(shown: string): ToolFailure {
  return new ToolFailure(
    `${shown} does not lead any more to where it led when this call was judged: a link or directory on its way was changed. Nothing was read or changed. Call again: then it is judged anew.`,
  );
}

/** Where files of a directory can be named while it is held, and its end. */
export type HeldDirectory = { readonly path: string; readonly release: () => void };

/** Makes what is missing of it. `directory` must be a resolved path, also where it does not exist yet. */
export function holdDirectory(directory: string, shown: string): HeldDirectory {
  if (handles === undefined) {
    mkdirSync(directory, { recursive: true });
    if (realpathSync.native(directory) !== directory) throw movedFailure(shown);
    return { path: directory, release: () => undefined };
  }
  const fd = openDirectory(directory) ?? makeDirectory(directory, shown);
  const held = { path: `${handles}/${fd}`, release: () => closeSync(fd) };
  if (isOpenedAt(fd, directory)) return held;
  held.release();
  throw movedFailure(shown);
}

function openDirectory(directory: string): number | undefined {
  try {
    return openSync(directory, oPath | constants.O_DIRECTORY);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function makeDirectory(directory: string, shown: string): number {
  const above = holdDirectory(dirname(directory), shown);
  try {
    const path = join(above.path, basename(directory));
    mkdirSync(path, { recursive: true });
    return openSync(path, oPath | constants.O_DIRECTORY);
  } finally {
    above.release();
  }
}

function isOpenedAt(fd: number, real: string): boolean {
  if (handles !== undefined) {
    const path = readlinkSync(`${handles}/${fd}`);
    return path === real || path === `${real} (deleted)`; // replaced just now: it was there as it was opened
  }
  const [opened, there] = [fstatSync(fd), lstatSync(real)];
  return opened.ino === there.ino && opened.dev === there.dev && realpathSync.native(real) === real;
}
