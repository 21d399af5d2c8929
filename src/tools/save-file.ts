// Owns: putting new content in the place of a file's.
// Promises: whole or not at all (the SDK toolset writes a synced sibling and renames it); mode and owner of an existing
// file stay; a new file gets the mode that the user's umask gives.
// Never: resolves a path: it takes the real one.
import { chown, mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { codeOf } from '../contract/errors.ts';
import { fileFailure, type FileInfo } from './open-file.ts';
import { ToolFailure } from './define-tool.ts';

export async function saveFile(real: string, shown: string, content: Buffer): Promise<FileInfo> {
  const directory = dirname(real);
  try {
    await mkdir(directory, { recursive: true });
    const isNew = await claim(real);
    const owner = isNew ? undefined : await stat(real);
    try {
      const { betaWriteTool } = await import('@anthropic-ai/sdk/tools/agent-toolset/node');
      await betaWriteTool({ workdir: directory }).run({ file_path: basename(real), content });
    } catch (error) {
      if (isNew) await rm(real, { force: true });
      throw error;
    }
    const saved = await stat(real);
    // A rename makes the file ours; only root can, and must, give it back.
    if (owner !== undefined && (saved.uid !== owner.uid || saved.gid !== owner.gid))
      await chown(real, owner.uid, owner.gid);
    return { size: saved.size, modified: saved.mtimeMs };
  } catch (error) {
    throw isToolError(error)
      ? new ToolFailure(`${shown} was not written: ${error.message}.`)
      : fileFailure(error, shown);
  }
}

/** Creates an empty file with the user's umask: the toolset would make it readable by its owner alone. True when it was new. */
async function claim(real: string): Promise<boolean> {
  try {
    await (await open(real, 'wx')).close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isToolError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ToolError';
}
