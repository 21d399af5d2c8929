// Owns: putting new content in the place of a file's.
// Promises: whole or not at all (a synced sibling is renamed); mode and owner of an existing file stay; a new file gets the mode
// that the user's umask gives, and replaces none that appeared meanwhile. All happens inside the directory that was judged.
// Never: resolves a path: it takes the real one that was judged.
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../contract/errors.ts';
import { ToolFailure } from './define-tool.ts';
import { holdDirectory, movedFailure } from './judged-path.ts';
import { fileFailure, type FileInfo } from './open-file.ts';

/** `isNew`: there was no file when it was looked for. */
export async function saveFile(real: string, shown: string, content: Buffer, isNew: boolean): Promise<FileInfo> {
  try {
    const directory = holdDirectory(dirname(real), shown);
    try {
      const path = join(directory.path, basename(real));
      if (!isNew) return await replace(path, content, await regularFile(path, shown));
      await claim(path, shown);
      try {
        return await replace(path, content, undefined);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    } finally {
      directory.release();
    }
  } catch (error) {
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  }
}

/** The name is ours from here on: nothing that appears there is lost. */
async function claim(path: string, shown: string): Promise<void> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new ToolFailure(`${shown} appeared while it was to be created. Nothing was changed. Read it first.`);
  }
}

async function regularFile(path: string, shown: string): Promise<Stats> {
  const info = await lstat(path);
  if (!info.isFile()) throw movedFailure(shown);
  return info;
}

async function replace(path: string, content: Buffer, old: Stats | undefined): Promise<FileInfo> {
  const sibling = join(dirname(path), `.tmp-${randomUUID()}`);
  const file = await open(sibling, 'wx', old === undefined ? 0o666 : 0o600);
  try {
    await file.writeFile(content);
    if (old !== undefined) await takeAfter(file, old);
    await file.sync();
    const { size, mtimeMs: modified } = await file.stat();
    await file.close();
    await rename(sibling, path);
    return { size, modified };
  } catch (error) {
    await file.close().catch(() => undefined); // it may be closed
    await rm(sibling, { force: true });
    throw error;
  }
}

/** A file that is made anew is ours; only root can, and must, give it back. */
async function takeAfter(file: FileHandle, old: Stats): Promise<void> {
  const { uid, gid } = await file.stat();
  if (uid !== old.uid || gid !== old.gid) await file.chown(old.uid, old.gid);
  await file.chmod(old.mode & 0o777);
}
