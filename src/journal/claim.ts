// Owns: the race to continue a journal that nobody writes: several processes, one winner.
// Promises: exactly one claim per state of a journal, created by the file system. A claimant that died is passed by
// claiming what *it* held: no claim is removed while it could still decide a race, so there is nothing to steal.
// Never: looks into the journal: the winner must check that it still ends where it did when the claim was named.
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AworkersError, codeOf } from '../contract/errors.ts';
import { createWhole } from './create-whole.ts';
import { ioError } from './io-error.ts';
import type { Owner } from './owner.ts';

export type Claim = {
  /** The journal has gone on: what decided who may write it decides nothing any more. */
  readonly fulfil: () => void;
  /** Nothing was written: whoever comes next finds what this claimant found. */
  readonly withdraw: () => void;
};

export type Contest = {
  readonly dir: string;
  readonly workerId: string;
  /** Where the journal ends, and who wrote last. */
  readonly seq: number;
  readonly last: Owner;
  readonly self: Owner;
  readonly isAlive: (owner: Owner) => boolean;
};

/** Longer than any process needs between creating a claim and writing its name into it, where it cannot link. */
const namelessFor = 10_000;

/** Throws 'conflict' when another process that lives holds the claim. */
export function claim(contest: Contest): Claim {
  const { dir, workerId, seq, self } = contest;
  const passed: string[] = [];
  let prior = contest.last.instance;
  for (;;) {
    const path = join(dir, `.worker-${workerId}.claim-${seq}-${passed.length}-${prior.replaceAll(/[^\w.-]/g, '_')}`);
    try {
      // Signed, so that losers learn the pid.
      if (createWhole(path, JSON.stringify(self), self.instance)) {
        return { fulfil: () => remove([...passed, path]), withdraw: () => remove([path]) };
      }
    } catch (error) {
      throw ioError(`take worker ${workerId}`, error, 'Check the logs directory.');
    }
    const holder = holderOf(path);
    if (holder === 'gone') continue;
    if (holder === 'unknown' || contest.isAlive(holder)) throw heldBy(workerId, holder);
    passed.push(path);
    prior = holder.instance;
  }
}

function remove(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}

export function heldBy(workerId: string, holder: Owner | 'unknown'): AworkersError {
  const who = holder === 'unknown' ? 'another process' : `process ${holder.pid}`;
  return new AworkersError(
    'conflict',
    `Worker ${workerId} is being run by ${who}.`,
    'Answer or stop it there, or end that process; one in another container or machine counts as gone after a minute of silence.',
  );
}

function holderOf(path: string): Owner | 'gone' | 'unknown' {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return 'gone';
  try {
    const { pid, instance } = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    return { pid, instance };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    // Created, not yet signed: its maker is at it, or died in between.
    return Date.now() - made > namelessFor ? { pid: 0, instance: 'nameless' } : 'unknown';
  }
}
