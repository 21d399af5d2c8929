// Owns: finding a program on a PATH.
// Never: by way of the working directory: an entry that is not absolute could lead there.
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The first of its name that can be run; `name` without .exe. */
export function findProgram(name: string, path: string, platform: NodeJS.Platform): string | undefined {
  const file = platform === 'win32' ? `${name}.exe` : name;
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not here
  }
}
