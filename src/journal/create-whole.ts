// Owns: creating a file that several processes want to create: one of them does, and nobody sees half of it.
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf } from '../contract/errors.ts';

/** False when it is there. Linked into place whole; not every file system has links. `self` names the creator among all. */
export function createWhole(path: string, text: string, self: string): boolean {
  const draft = `${path}.${self.replaceAll(/[^\w.-]/g, '_')}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    return creates(() => linkSync(draft, path));
  } catch {
    return creates(() => writeFileSync(path, text, { flag: 'wx', mode: 0o600 })); // no links here
  } finally {
    rmSync(draft, { force: true });
  }
}

function creates(create: () => void): boolean {
  try {
    create();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
