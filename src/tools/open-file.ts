// Owns: opening a file that a model named.
// Promises: only regular files; never blocks on a FIFO or device, never reads by way of a link that was swapped in after the
// path was resolved, its own or one of a directory above; failures name the path as the model wrote it.
// Never: reads past the given size.
import { closeSync, constants, fstatSync, openSync, read, readSync, statSync } from 'node:fs';
import { codeOf, errorText } from '../contract/errors.ts';
import { grouped } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';
import { requireOpenedAt } from './judged-path.ts';

/**
 * A file that says it is at most this long is read on the spot: a trip to a thread costs ten times as much. Price: where
 * the file system waits (a slow network mount) the event loop waits with it, as it does when the gate resolves a path there.
 */
const atOnce = 256 * 1024;

/** Fills `into` as far as it can from `position`, or from where the last read ended; 0 is the end of the file. */
export type OpenFile = { readonly read: (into: Buffer, position?: number) => number | Promise<number> };

export type FileInfo = { readonly size: number; readonly modified: number };

/** `real` must be a resolved path. */
export async function withRegularFile<T>(
  real: string,
  shown: string,
  use: (file: OpenFile, info: FileInfo) => Promise<T>,
): Promise<T> {
  let fd: number | undefined;
  try {
    const opened = openRegular(real, shown);
    ({ fd } = opened);
    return await use(openFile(fd, opened.info.size), opened.info);
  } catch (error) {
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The same for a small file that is needed at once. One that says it is empty is taken at its word. */
export function readRegularSync(real: string, shown: string, limit: number): Buffer {
  let fd: number | undefined;
  try {
    const opened = openRegular(real, shown);
    ({ fd } = opened);
    const { size } = opened.info;
    if (size > limit) throw tooLarge(shown, size, limit);
    const bytes = Buffer.allocUnsafe(size); // only what was read is handed on
    for (let total = 0; ;) {
      const count = readSync(fd, bytes, total, size - total, null);
      total += count;
      if (count === 0 || total === size) return bytes.subarray(0, total);
    }
  } catch (error) {
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A FIFO that takes the file's place after the first look would block a plain open for ever. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

function openRegular(real: string, shown: string): { readonly fd: number; readonly info: FileInfo } {
  const before = statSync(real);
  if (!before.isFile()) throw notRegular(shown, before.isDirectory());
  const fd = openSync(real, openFlags);
  try {
    const info = fstatSync(fd);
    if (!info.isFile()) throw notRegular(shown, info.isDirectory());
    requireOpenedAt(fd, real, shown);
    return { fd, info: { size: info.size, modified: info.mtimeMs } };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Files of unknown size (/proc) may keep their reader waiting: that must be a thread. */
function openFile(fd: number, size: number): OpenFile {
  if (size > 0 && size <= atOnce) {
    return { read: (into, position) => readSync(fd, into, 0, into.length, position ?? null) };
  }
  return {
    read: (into, position) =>
      new Promise((resolve, reject) => {
        read(fd, into, 0, into.length, position ?? null, (error, count) => {
          if (error === null) resolve(count);
          else reject(error);
        });
      }),
  };
}

/** The whole file, or a failure when it holds more than `limit`. Files of unknown size are read to their end. */
export async function readWhole(file: OpenFile, info: FileInfo, limit: number, shown: string): Promise<Buffer> {
  if (info.size > limit) throw tooLarge(shown, info.size, limit);
  let bytes = Buffer.allocUnsafe(info.size === 0 ? 64 * 1024 : info.size + 1); // only what was read is handed on
  for (let total = 0; ;) {
    const count = await file.read(bytes.subarray(total));
    total += count;
    if (total > limit) throw tooLarge(shown, total, limit);
    // One byte more than it says it has was asked for: it has ended where it said.
    if (count === 0 || total === info.size) return bytes.subarray(0, total);
    if (total === bytes.length) bytes = Buffer.concat([bytes], total * 2); // it grows while it is read
  }
}

/** A file system error in words, without the path of the host that the raw message carries. */
export function fileFailure(error: unknown, shown: string): ToolFailure {
  const code = codeOf(error);
  const known = code === undefined ? undefined : (messages as Readonly<Record<string, string>>)[code];
  if (known !== undefined) return new ToolFailure(`${shown}: ${known}`, { cause: error });
  return new ToolFailure(`${shown}: ${code ?? errorText(error)}.`, { cause: error });
}

const messages = {
  ENOENT: 'no such file or directory. Check the path, or find the file with Glob.',
  ENOTDIR: 'a part of this path is a file, not a directory.',
  EISDIR: 'is a directory.',
  EACCES: 'permission denied.',
  EPERM: 'permission denied.',
  EROFS: 'the file system is read-only.',
  ENOSPC: 'no space left on the device.',
  ELOOP: 'too many levels of symbolic links.',
  ENAMETOOLONG: 'the name is too long.',
  EMFILE: 'too many open files; try again.',
} as const;

function notRegular(shown: string, isDirectory: boolean): ToolFailure {
  return new ToolFailure(
    isDirectory
      ? `${shown} is a directory. List it with Glob, or with ls in Bash.`
      : `${shown} is not a regular file (a pipe, device or socket).`,
  );
}

function tooLarge(shown: string, size: number, limit: number): ToolFailure {
  return new ToolFailure(
    `${shown} has ${grouped(size)} bytes, more than the ${grouped(limit)} that can be held. Read parts of it with offset and limit, or work on it with Bash.`,
  );
}
