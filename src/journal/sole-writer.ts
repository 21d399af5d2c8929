// Owns: the right to write a file that is no journal (a results file): one process at a time.
// Promises: a process that died holds nothing; a second one that lives is refused, by its pid.
// Never: touches the file itself: claims stand beside it.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { AworkersError, errorText } from '../contract/errors.ts';
import { claim } from './claim.ts';
import { enter, isAlive, leave, ownInstance } from './owner.ts';

/** Longer than any process needs to make a claim. Milliseconds. */
const abandonedAfter = 60_000;

/** Returns the release. Throws 'conflict'. */
export function takeFile(path: string): () => void {
  const self = { pid: process.pid, instance: ownInstance() };
  enter(self.instance);
  try {
    const held = claim({
      dir: dirname(path),
      workerId: basename(path),
      seq: 0,
      last: { pid: 0, instance: 'nobody' },
      self,
      isAlive: (owner) => isAlive(owner, () => true), // of another machine nothing is known: taken as alive
    });
    return () => {
      sweep(path);
      held.fulfil();
      leave(self.instance);
    };
  } catch (cause) {
    leave(self.instance);
    if (!(cause instanceof AworkersError)) throw cause;
    if (cause.code !== 'conflict') {
      const reason = errorText(cause.cause ?? cause);
      throw new AworkersError(
        'usage',
        `${path} cannot be written: ${reason}.`,
        'Choose another file, or make its directory.',
        { cause },
      );
    }
    const who = /process \d+/.exec(cause.message)?.[0] ?? 'another process';
    const hint = `Wait for it, or choose another file. If that process is on a machine that is gone, remove ${dirname(path)}/.worker-${basename(path)}.claim-*.`;
    throw new AworkersError('conflict', `${path} is being written by ${who}.`, hint, { cause });
  }
}

/** Drafts of claims whose makers died in the middle. */
function sweep(path: string): void {
  const drafts = readdirSync(dirname(path)).filter(
    (name) => name.startsWith(`.worker-${basename(path)}.claim-`) && name.endsWith('.tmp'),
  );
  for (const draft of drafts.map((name) => join(dirname(path), name))) {
    const made = statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - made > abandonedAfter) rmSync(draft, { force: true });
  }
}
