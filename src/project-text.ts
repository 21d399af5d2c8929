// Owns: reading a small text file of a folder that is not trusted, such as its settings, agents or .git/HEAD.
// Promises: only a regular file within a size; a pipe or device in its place is an error, never a wait.
// Never: says whether what it holds counts.
import { readFileSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { readWhole, withRegularFile } from './tools/open-file.ts';

const maxBytes = 1024 * 1024;

export async function readProjectText(path: string): Promise<string> {
  const real = await realpath(path);
  const bytes = await withRegularFile(real, path, (file, info) => readWhole(file, info, maxBytes, path));
  return bytes.toString('utf8');
}

/** For what must be known at once. */
export function readProjectTextSync(path: string): string {
  const info = statSync(path);
  if (!info.isFile()) throw new Error('it is not a regular file');
  if (info.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
  return readFileSync(path, 'utf8');
}
