// Owns: what init remembers: `.aworkers/` of a project or home directory, with what was there before us.
// Promises: private, ignored by git, gone again with the last file that was put back; a record that cannot be read is an
// error, for without it nothing can be put back exactly.
// Never: trusts a path of the record: files are looked up in it, never followed from it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AworkersError } from '../contract/errors.ts';
import { type Place, placeOf, type Roots } from './place.ts';
import type { Scope } from './hosts.ts';

const entrySchema = z.strictObject({
  /** SHA-256 of what we wrote. */
  wrote: z.string(),
  /** The file did not exist; else its bytes are in backup/. */
  created: z.boolean(),
  /** Folders we made for it, as names below the root. */
  folders: z.array(z.string()).readonly(),
  /** The file was changed by somebody else between two of our runs: the backup alone no longer says what was there. */
  mixed: z.boolean(),
});
const recordSchema = z.strictObject({ version: z.literal(1), files: z.record(z.string(), entrySchema) });

export type Entry = Readonly<z.infer<typeof entrySchema>>;
export type Record = Readonly<{ readonly [name: string]: Entry }>;

export const recordFolder = '.aworkers';
const recordName = `${recordFolder}/init.json`;

export async function readRecord(
  roots: Roots,
  scope: Scope,
): Promise<{ readonly place: Place; readonly record: Record }> {
  const place = await placeOf(roots, scope, recordName);
  if (place.bytes === undefined) return { place, record: {} };
  try {
    return { place, record: recordSchema.parse(JSON.parse(place.bytes.toString('utf8'))).files };
  } catch (cause) {
    throw new AworkersError(
      'usage',
      `${place.shown}, the record of what init wrote, cannot be read.`,
      `Nothing was written. The files as they were are in ${recordFolder}/backup.`,
      { cause },
    );
  }
}

export function recordText(record: Record): string {
  return `${JSON.stringify({ version: 1, files: record }, null, 2)}\n`;
}

export function backupName(name: string): string {
  return `${recordFolder}/backup/${name}`;
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
