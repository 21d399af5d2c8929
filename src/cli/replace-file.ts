// Owns: writing a file that people open while it is written again.
// Promises: whole or not at all, 0600; what cannot be written is an error that names the path; only a regular file is replaced.
import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AworkersError, errorText } from '../contract/errors.ts';

/** A directory cannot be replaced, and a device or a pipe must not be. */
export async function assertReplaceable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined); // what is not there, or out of sight, is for writing to tell
  if (found === undefined || found.isFile()) return;
  throw new AworkersError(
    'usage',
    `${path} is no regular file.`,
    'Name a file: it is written beside and put in its place.',
  );
}

export async function replaceFile(path: string, text: string): Promise<void> {
  await assertReplaceable(path);
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    const hint = 'Name a file in a directory that exists and can be written.';
    throw new AworkersError('io', `${path} cannot be written: ${errorText(cause)}.`, hint, { cause });
  }
}
