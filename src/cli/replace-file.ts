// Owns: writing a file that people open while it is written again.
// Promises: whole or not at all, 0600; what cannot be written is an error that names the path.
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AworkersError, errorText } from '../contract/errors.ts';

export async function replaceFile(path: string, text: string): Promise<void> {
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
