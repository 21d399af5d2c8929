// Owns: the key that this user's journals are sealed with: a file of the home directory, made at first use.
// Promises: one key for all processes of the user; never one that others can read.
// Never: in a project, in an environment, in a log.
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { AworkersError, codeOf } from '../contract/errors.ts';
import { createWhole } from './create-whole.ts';

const bytes = 32;

/** Undefined where there is no home to keep it in: then no journal proves anything. Throws 'usage' for a file that is no secret. */
export function journalKey(path: string): KeyObject | undefined {
  try {
    return readKey(path) ?? makeKey(path);
  } catch (error) {
    if (error instanceof AworkersError) throw error;
    return undefined; // whatever the reason (no home, a read-only one): resuming says what follows from it
  }
}

function makeKey(path: string): KeyObject | undefined {
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 }); // a home that does not exist is not made
  createWhole(path, `${randomBytes(bytes).toString('hex')}\n`, `${process.pid}-${randomBytes(4).toString('hex')}`);
  return readKey(path); // another process may have been first
}

function readKey(path: string): KeyObject | undefined {
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
    const open = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
    if (!open && key.length === bytes) return createSecretKey(key);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  throw new AworkersError(
    'usage',
    `${path}, which journals are sealed with, is open to others or not a key.`,
    'Remove it: a new one is made. What was granted in earlier sessions is then asked again.',
  );
}
