// Owns: opening a file that a model named.
// Promises: only regular files; never blocks on a FIFO or device, never follows a link that was swapped in after the path
// was resolved; failures name the path as the model wrote it.
// Never: reads past the given size.
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { codeOf, errorText } from '../contract/errors.ts';
import { grouped } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';

/** A FIFO that takes the file's place after the look at it would block a plain open for ever. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** `real` must be a resolved path. */
export async function withRegularFile<T>(
  real: string,
  shown: string,
  use: (handle: FileHandle, info: FileInfo) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    const before = await stat(real);
    if (!before.isFile()) throw notRegular(shown, before.isDirectory());
    handle = await open(real, openFlags);
    const info = await handle.stat();
    if (!info.isFile()) throw notRegular(shown, info.isDirectory());
    return await use(handle, { size: info.size, modified: info.mtimeMs });
  } catch (error) {
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  } finally {
    await handle?.close();
  }
}

export type FileInfo = { readonly size: number; readonly modified: number };

/** The whole file, or a failure when it holds more than `limit`. Files of unknown size (/proc) are read to their end. */
export async function readWhole(handle: FileHandle, info: FileInfo, limit: number, shown: string): Promise<Buffer> {
  if (info.size > limit) throw tooLarge(shown, info.size, limit);
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(64 * 1024, info.size - total + 1)); // only what was read is handed on
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    total += bytesRead;
    if (total > limit) throw tooLarge(shown, total, limit);
    chunks.push(chunk.subarray(0, bytesRead));
  }
}

/**
 * As the two above in one step, for a small file that is needed at once: a tenth of the CPU of an asynchronous read. One that
 * says it is empty is taken at its word: files of unknown size (/proc) may keep their reader waiting.
 */
export function readRegularSync(real: string, shown: string, limit: number): Buffer {
  let fd: number | undefined;
  try {
    const before = statSync(real);
    if (!before.isFile()) throw notRegular(shown, before.isDirectory());
    fd = openSync(real, openFlags);
    const info = fstatSync(fd);
    if (!info.isFile()) throw notRegular(shown, info.isDirectory());
    if (info.size > limit) throw tooLarge(shown, info.size, limit);
    const bytes = Buffer.allocUnsafe(info.size); // only what was read is handed on
    for (let total = 0; ;) {
      const count = readSync(fd, bytes, total, info.size - total, null);
      total += count;
      if (count === 0 || total === info.size) return bytes.subarray(0, total);
    }
  } catch (error) {
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  } finally {
    if (fd !== undefined) closeSync(fd);
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
