// Owns: reading a file of the project or of home whose text goes into a prompt unasked: memory files, skills.
// Promises: regular text files only, within a size; no symlink leads out of the folder that was named; what a deny or ask rule
// keeps from the Read tool is not read here either.
// Never: follows anything the text says.
import { existsSync, realpathSync } from 'node:fs';
import { isInside } from './project-folders.ts';
import { errorText } from './contract/errors.ts';
import { sharedLook } from './shared-looks.ts';
import { readRegularSync } from './tools/open-file.ts';
import { visible } from './tools/sanitize.ts';
import { decodeText } from './tools/text-file.ts';

export type ContextFile = { readonly path: string; readonly real: string; readonly text: string };

export type ContextRead = { readonly file: ContextFile } | { readonly problem: string } | { readonly missing: true };

/** False for a real path that a rule denies or asks about. */
export type MayRead = (real: string) => boolean;

const maxBytes = 1024 * 1024;

/** `inside`: where its real path must be; undefined: anywhere. */
export function readContextFile(path: string, inside: string | undefined, mayRead: MayRead): ContextRead {
  try {
    const real = realOf(path);
    if (real === undefined) return { missing: true };
    if (inside !== undefined && !isInside(real, realpathSync(inside))) {
      return { problem: `${path} leads out of ${inside}` };
    }
    if (!mayRead(real)) return { problem: `${path} is kept from being read by a permission rule` };
    const text = textOf(real, path);
    if (text === undefined) return { problem: `${path} is not text` };
    return { file: { path, real, text } };
  } catch (error) {
    return { problem: errorText(error).replace(/\.$/, '') };
  }
}

/** Undefined: there is no such file. */
const realOf = sharedLook((path) => (existsSync(path) ? realpathSync(path) : undefined));

const textOf = sharedLook((real: string, shown: string) => {
  const decoded = decodeText(readRegularSync(real, shown, maxBytes));
  return decoded && visible(decoded.text.replaceAll('\r\n', '\n')).trim();
});
