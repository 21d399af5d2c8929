// Owns: the seal of a journal's lines: a keyed hash of the worker, the seal before, and the line.
// Promises: a journal whose lines are all sealed so was written, line by line in this order, with this user's key. A line that
// begins anew (it takes back what was granted before it) needs none before it to be sealed.
// Never: says that a journal without seals is bad: only that it proves nothing.
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { EventBody } from '../contract/event.ts';

/** The lines of one journal, each given once, in order: read or written. */
export type Chain = {
  readonly read: (line: string, seal: string | undefined, event: EventBody) => void;
  /** The seal of a line about to be written; undefined without a key. */
  readonly write: (line: string, event: EventBody) => string | undefined;
  /** Whether all that counts of what was read was written here. */
  readonly isProven: () => boolean;
};

export function createChain(key: KeyObject | undefined, workerId: string): Chain {
  let last = '';
  let proven = key !== undefined;

  function sealOf(line: string, event: EventBody): string | undefined {
    if (key === undefined) return undefined;
    const before = beginsAnew(event) ? '' : last;
    return createHmac('sha256', key).update(`${workerId}\n${before}\n`).update(line).digest('base64url');
  }

  return {
    read: (line, seal, event) => {
      const right = sealOf(line, event);
      const fits = right !== undefined && seal !== undefined && equal(right, seal);
      proven = fits && (proven || beginsAnew(event));
      last = seal ?? '';
    },
    write: (line, event) => {
      const seal = sealOf(line, event);
      last = seal ?? '';
      return seal;
    },
    isProven: () => proven,
  };
}

function beginsAnew(event: EventBody): boolean {
  return event.type === 'worker.resumed' && event.anew === true;
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
