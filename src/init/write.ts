// Owns: carrying a plan out: the record first, then the files, all or none.
// Promises: a file that changed since it was planned stops everything; what was written until then is put back; a file is
// replaced whole, with its mode and owner.
// Never: decides what to write.
import { chmod, chown, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AworkersError, codeOf, errorText } from '../contract/errors.ts';
import { type Change, changesFile, type Plan } from './change.ts';
import type { Scope } from './hosts.ts';
import { placeOf, type Roots } from './place.ts';
import { backupName, readRecord, type Record, recordFolder, recordText } from './record.ts';

/** For git: backups of settings may hold what must not be committed. */
const ignoreAll = '*\n';

export async function carryOut(plan: Plan, roots: Roots): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const changes of byRoot(plan.changes, roots)) await carryOutIn(changes, roots, undo);
  } catch (error) {
    const failed: string[] = [];
    for (const step of undo.toReversed()) await step().catch((cause: unknown) => failed.push(errorText(cause)));
    if (error instanceof AworkersError && failed.length === 0) throw error;
    const state = failed.length === 0 ? 'Nothing was changed.' : `Not all could be put back: ${failed.join('; ')}.`;
    throw new AworkersError('io', `The settings could not be written: ${errorText(error)}.`, state, { cause: error });
  }
}

/** A home directory that is the project too has one record. */
function byRoot(changes: readonly Change[], roots: Roots): readonly (readonly Change[])[] {
  const groups = roots.project === roots.home ? [['project', 'home']] : [['project'], ['home']];
  return groups
    .map((scopes) => changes.filter(({ place }) => scopes.includes(place.scope)))
    .filter((group) => group.length > 0);
}

async function carryOutIn(changes: readonly Change[], roots: Roots, undo: (() => Promise<void>)[]): Promise<void> {
  const scope: Scope = changes[0]?.place.scope ?? 'project';
  const { place, record } = await readRecord(roots, scope);
  const folder = join(roots[scope], recordFolder);
  const keep = (entries: Record) => save(place.path, Buffer.from(recordText(entries)), 0o600);
  const before = place.bytes;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  undo.push(() => (before === undefined ? dropRecord(folder) : save(place.path, before, 0o600)));
  await save(join(folder, '.gitignore'), Buffer.from(ignoreAll), 0o600);
  for (const { place: file, backup } of changes) {
    if (backup !== undefined) await save((await placeOf(roots, scope, backupName(file.name))).path, backup, 0o600);
  }
  const added = changes.flatMap(({ place: file, entry }) => (entry === undefined ? [] : [[file.name, entry] as const]));
  await keep({ ...record, ...Object.fromEntries(added) });

  for (const change of changes.filter(changesFile)) await writeFile(change, undo);

  const gone = new Set(changes.flatMap(({ place: file, entry }) => (entry === undefined ? [file.name] : [])));
  const left = Object.entries({ ...record, ...Object.fromEntries(added) }).filter(([name]) => !gone.has(name));
  if (left.length > 0) await keep(Object.fromEntries(left));
  else await dropRecord(folder);
  for (const name of gone) await rm(join(roots[scope], backupName(name)), { force: true });
}

async function writeFile({ place, after, folders }: Change, undo: (() => Promise<void>)[]): Promise<void> {
  const { path, bytes, missing, root } = place;
  const now = await readFile(path).catch(() => undefined);
  if (now === undefined || bytes === undefined ? now !== bytes : !now.equals(bytes)) {
    throw new AworkersError(
      'conflict',
      `${place.shown} was changed by another program just now.`,
      'Nothing was changed. Run it again.',
    );
  }
  undo.push(async () => {
    if (bytes !== undefined) return await save(path, bytes, undefined);
    await rm(path, { force: true });
    await removeEmpty(root, missing.toReversed());
  });
  if (after !== undefined) return await save(path, after, undefined);
  await rm(path);
  await removeEmpty(root, folders);
}

/** Written beside and renamed: nobody sees half a file. */
async function save(path: string, bytes: Buffer, mode: number | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const old = await stat(path).catch(() => undefined);
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(beside, 'wx', mode ?? 0o666);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    if (old !== undefined) {
      await chmod(beside, old.mode);
      const owner = await stat(beside);
      if (owner.uid !== old.uid || owner.gid !== old.gid) await chown(beside, old.uid, old.gid);
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function removeEmpty(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders.filter((name) => name !== '')) {
    const left = await rmdir(join(root, folder)).then(
      () => false,
      (error: unknown) => {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) return true;
        throw error;
      },
    );
    if (left) return;
  }
}

async function dropRecord(folder: string): Promise<void> {
  await rm(join(folder, 'init.json'), { force: true });
  await rm(join(folder, '.gitignore'), { force: true });
  await rm(join(folder, 'backup'), { force: true, recursive: true });
  await rmdir(folder).catch((error: unknown) => {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) return;
    throw error;
  });
}
