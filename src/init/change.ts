// Owns: what a run of init would change, as data: files before and after, and what is then remembered of each.
// Never: writes.
import type { Entry } from './record.ts';
import type { Place } from './place.ts';

export type Change = {
  readonly place: Place;
  /** undefined: the file is removed. Equal to the bytes there: only the record changes. */
  readonly after: Buffer | undefined;
  /** undefined: it is forgotten. */
  readonly entry: Entry | undefined;
  /** What was there before us, to be kept. */
  readonly backup?: Buffer;
  /** Folders that go once they are empty, innermost first. */
  readonly folders: readonly string[];
};

export type Plan = {
  readonly changes: readonly Change[];
  /** Sentences about what was kept, left alone or cannot be set. */
  readonly notes: readonly string[];
  /** Hosts, and what to do next in each. */
  readonly next: readonly string[];
};

export function changesFile({ place, after }: Change): boolean {
  return place.bytes === undefined || after === undefined ? place.bytes !== after : !place.bytes.equals(after);
}
