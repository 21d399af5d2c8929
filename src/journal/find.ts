// Owns: which worker a word means: a worker_id, a session_id, or the first characters of either.
// Promises: only what looks like an id reaches the file system; a miss says what there is.
// Never: guesses between two.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { AworkersError } from '../contract/errors.ts';
import { nearest } from '../contract/parse.ts';
import { isWorkerId, journalPath, workerIdsIn } from './folder.ts';

const idLike = /^[0-9a-f-]{6,36}$/;
const head = /^\{"v":1,"seq":1,"at":"[^"]*","type":"worker\.spawned","worker_id":"[^"\\]*","session_id":"([^"\\]*)"/;

/** `knownSession` saves a look into the journal. */
export function findWorker(dir: string, word: string, knownSession: (id: string) => string | undefined): string {
  const id = word.trim().toLowerCase();
  if (/^[0-9a-f]{1,5}$/.test(id)) {
    throw new AworkersError('usage', `"${id}" is too short to name a worker.`, 'Give 6 or more characters of its id.');
  }
  if (!idLike.test(id)) throw missing(dir, word, workerIdsIn(dir));
  if (isWorkerId(id) && existsSync(journalPath(dir, id))) return id;
  const workers = workerIdsIn(dir).map((worker) => ({
    worker,
    session: knownSession(worker) ?? sessionIn(journalPath(dir, worker)) ?? '',
  }));
  const named = workers.find(({ session }) => session.toLowerCase() === id);
  if (named !== undefined) return named.worker;
  const begun = workers.filter(({ worker, session }) => worker.startsWith(id) || session.toLowerCase().startsWith(id));
  const [only, another] = begun.map(({ worker }) => worker);
  if (only === undefined)
    throw missing(
      dir,
      word,
      workers.flatMap(({ worker, session }) => [worker, session]),
    );
  if (another === undefined) return only;
  throw new AworkersError(
    'usage',
    `"${word}" is the beginning of ${begun.length} worker ids: ${begun
      .slice(0, 5)
      .map(({ worker }) => worker)
      .join(', ')}${begun.length > 5 ? ', …' : ''}.`,
    'Give more characters.',
  );
}

export function missing(dir: string, word: string, ids: readonly string[]): AworkersError {
  const near = nearest(
    word.slice(0, 64),
    ids.filter((id) => id !== ''),
  );
  const newest = newestOf(dir);
  const what = `There is no worker "${word.slice(0, 64)}" in ${dir}.`;
  if (near !== undefined) return new AworkersError('not_found', what, `Did you mean ${near}?`);
  if (newest.length === 0) return new AworkersError('not_found', what, 'No worker was ever started there.');
  return new AworkersError('not_found', what, `The newest are ${newest.join(', ')}.`);
}

function newestOf(dir: string): string[] {
  return workerIdsIn(dir)
    .map((id) => ({ id, at: statSync(journalPath(dir, id), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 3)
    .map(({ id }) => id);
}

function sessionIn(path: string): string | undefined {
  const fd = openSync(path, 'r');
  try {
    const start = Buffer.alloc(512);
    return head.exec(start.toString('utf8', 0, readSync(fd, start, 0, start.length, 0)))?.[1];
  } finally {
    closeSync(fd);
  }
}
