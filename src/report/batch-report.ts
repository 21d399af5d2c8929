// Owns: what every report of a batch is given.
// Promises: plain data, made from the results alone.
import type { TaskResult } from '../contract/task-result.ts';

/** A task without a result: not begun, or ended before it had one. */
export type OpenTask = {
  readonly id: string;
  readonly combination: Readonly<Record<string, string>>;
  readonly file: string;
  readonly line: number;
};

export type BatchReport = {
  /** The task file, or "prompt". */
  readonly name: string;
  readonly results: readonly TaskResult[];
  readonly unfinished: readonly OpenTask[];
  /** Why it ended before all tasks had a result. */
  readonly stopped?: string;
  /** Where each task stands in its file, by the id of its result. */
  readonly lineOf: (id: string) => { readonly file: string; readonly line: number } | undefined;
};
