// Owns: putting new content in the place of a file's.
// Promises: whole or not at all (the SDK toolset writes a synced sibling and renames it); mode and owner of an existing
// file stay; a new file gets the mode that the user's umask gives, and replaces none that appeared meanwhile. The directory that is
// written is the one that was judged; the toolset is given what it is called at that moment, and takes that path once more.
// Never: resolves a path: it takes the real one that was judged.
import { chown, lstat, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../contract/errors.ts';
import { ToolFailure } from './define-tool.ts';
import { holdDirectory, movedFailure } from './judged-path.ts';
import { fileFailure, type FileInfo } from './open-file.ts';

/** `isNew`: there was none when it was looked for. */
export async function saveFile(real: string, shown: string, content: Buffer, isNew: boolean): Promise<FileInfo> {
  try {
    const directory = holdDirectory(dirname(real), shown);
    try {
      const path = join(directory.path, basename(real));
      if (isNew) await claim(path, shown);
      const old = await lstat(path);
      if (!old.isFile()) throw movedFailure(shown);
      try {
        const { betaWriteTool } = await import('@anthropic-ai/sdk/tools/agent-toolset/node');
        await betaWriteTool({ workdir: directory.path }).run({ file_path: basename(real), content });
      } catch (error) {
        if (isNew) await rm(path, { force: true });
        throw error;
      }
      const saved = await stat(path);
      // A rename makes the file ours; only root can, and must, give it back.
      if (saved.uid !== old.uid || saved.gid !== old.gid) await chown(path, old.uid, old.gid);
      return { size: saved.size, modified: saved.mtimeMs };
    } finally {
      directory.release();
    }
  } catch (error) {
    if (isToolError(error)) throw new ToolFailure(`${shown} was not written: ${error.message}.`);
    throw error instanceof ToolFailure ? error : fileFailure(error, shown);
  }
}

/** Creates an empty file with the user's umask: the toolset would make it readable by its owner alone. */
async function claim(path: string, shown: string): Promise<void> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new ToolFailure(`${shown} appeared while it was to be created. Nothing was changed. Read it first.`);
  }
}

function isToolError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ToolError';
}
