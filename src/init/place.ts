// Owns: one file of the project or the home directory: where it really is, and what it holds.
// Promises: a project file that a symlink leads out of the project is refused; of the home directory, the owner's own
// links are followed and stay.
// Never: writes (write.ts does).
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { AworkersError, codeOf, errorText } from '../contract/errors.ts';
import type { Scope } from './hosts.ts';

const mebibyte = 1024 * 1024;
/** What is planned is shown whole and kept in memory: far above any settings, far below what would take seconds. */
const maxBytes = 16 * mebibyte;

export type Roots = Readonly<Record<Scope, string>>;

export type Place = {
  readonly scope: Scope;
  readonly root: string;
  /** Below the root, with slashes. */
  readonly name: string;
  /** As a person knows it. */
  readonly shown: string;
  /** Behind all symlinks: what is read and written. */
  readonly path: string;
  readonly bytes: Buffer | undefined;
  /** Folders that are missing on the way, outermost first. */
  readonly missing: readonly string[];
};

export async function placeOf(roots: Roots, scope: Scope, name: string): Promise<Place> {
  const root = roots[scope];
  const shown = scope === 'home' ? `~/${name}` : name;
  const folders = name
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  const missing: string[] = [];
  for (const folder of ['', ...folders]) {
    if (!(await isThere(join(root, folder)))) missing.push(folder);
    else await mustBe('directory', root, scope, folder);
  }
  const there = missing.length === 0 && (await isThere(join(root, name)));
  const path = there ? await mustBe('file', root, scope, name) : join(root, name);
  return { scope, root, name, shown, path, bytes: there ? await read(path, shown) : undefined, missing };
}

/** The text of a file, with the byte order mark apart. */
export function textOf(bytes: Buffer, shown: string): { readonly mark: string; readonly text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith('\ufeff') ? { mark: '\ufeff', text: text.slice(1) } : { mark: '', text };
  } catch (cause) {
    throw new AworkersError(
      'usage',
      `${shown} is not UTF-8 text.`,
      'Nothing was written. Convert it, then try again.',
      { cause },
    );
  }
}

/** A dangling symlink is there, too: writing through it would make a file somewhere else. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return false;
      throw failure(`${path} cannot be looked at`, error);
    },
  );
}

async function mustBe(kind: 'file' | 'directory', root: string, scope: Scope, name: string): Promise<string> {
  const path = join(root, name);
  try {
    const real = await realpath(path);
    if (scope === 'project' && !isInside(real, await realpath(root))) {
      throw new AworkersError(
        'conflict',
        `${name} is a symlink that leads out of the project, to ${real}.`,
        'Nothing was written. Replace it by a file, or change its target by hand.',
      );
    }
    const found = await stat(real);
    if (kind === 'file' && found.isFile() && found.size > maxBytes) {
      throw new AworkersError(
        'conflict',
        `${path} is larger than ${maxBytes / mebibyte} MiB: too large for settings.`,
        'Nothing was written. Move it away, then try again.',
      );
    }
    if (kind === 'file' ? found.isFile() : found.isDirectory()) return real;
  } catch (error) {
    throw error instanceof AworkersError ? error : failure(`${path} cannot be read`, error);
  }
  throw new AworkersError(
    'conflict',
    `${path} is not a ${kind}.`,
    'Nothing was written. Move it away, then try again.',
  );
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}

async function read(path: string, shown: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw failure(`${shown} cannot be read`, error);
  }
}

function failure(problem: string, cause: unknown): AworkersError {
  return new AworkersError('io', `${problem}: ${errorText(cause)}.`, 'Nothing was written.', { cause });
}
