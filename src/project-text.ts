// Owns: reading a small text file of a folder that is not trusted, such as its settings, agents or .git/HEAD.
// Promises: only a regular file within a size; a pipe or device in its place is an error, never a wait. At once, because a trip
// to a thread costs ten times what such a read does.
// Never: says whether what it holds counts.
import { realpathSync } from 'node:fs';
import { readRegularSync } from './tools/open-file.ts';

const maxBytes = 1024 * 1024;

/** What it throws says what is wrong with "it": its caller names the file. */
export function readProjectText(path: string): string {
  return readRealText(realpathSync(path));
}

/** For who looked at where it leads: what is read is what lies at this real path, or it throws. */
export function readRealText(real: string): string {
  return readRegularSync(real, 'it', maxBytes).toString('utf8');
}
