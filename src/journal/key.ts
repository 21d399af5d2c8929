// Owns: the key that this user's journals are sealed with: a file of the home directory, made at first use.
// Promises: one key for all processes of the user; one that others can read is not used.
// Never: in a project, in an environment, in a log.
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { AworkersError } from '../contract/errors.ts';
import { createWhole } from './create-whole.ts';

const bytes = 32;

/** Undefined where none can be kept secret: then no journal proves anything. Throws 'usage' for a file that is no key. */
export function journalKey(path: string): KeyObject | undefined {
  try {
    if (!existsSync(path)) makeKey(path);
    // Some file systems know no modes: what others can read is no secret.
    const open = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
    return open ? undefined : readKey(path);
  } catch (error) {
    if (error instanceof AworkersError) throw error;
    return undefined; // whatever the reason (no home, a read-only one): a resume says what follows from it
  }
}

function makeKey(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 }); // a home that does not exist is not made
  const self = `${process.pid}-${randomBytes(4).toString('hex')}`;
  createWhole(path, `${randomBytes(bytes).toString('hex')}\n`, self); // another process may be first
}

function readKey(path: string): KeyObject {
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length === bytes) return createSecretKey(key);
  throw new AworkersError(
    'usage',
    `${path}, which journals are sealed with, is damaged.`,
    'Remove it: a new one is made. What was granted in earlier sessions is then asked again.',
  );
}
