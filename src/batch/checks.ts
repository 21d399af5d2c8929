// Owns: the checks of a task, after its worker has completed.
// Promises: all of them run, each is reported by name with why it failed; a check that cannot run has failed.
// Never: changes the result.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText } from '../contract/errors.ts';
import type { CheckResult } from '../contract/task-result.ts';
import type { Check } from './task-schema.ts';

/** What checks need of the outside. `problem`: why it failed; undefined: it passed. */
export type CheckWorld = {
  /** Runs in this directory with the environment that tools get; the person who wrote the task file wrote it, so no gate. */
  readonly runCommand: (
    command: string,
    cwd: string,
    timeoutMs: number,
    signal: AbortSignal,
  ) => Promise<{ readonly problem?: string }>;
  readonly jsonProblems: (schema: Readonly<Record<string, unknown>>, text: string) => Promise<readonly string[]>;
  readonly mismatch: (pattern: string, text: string) => Promise<string | undefined>;
};

const defaultTimeoutMs = 120_000;

export async function runChecks(
  checks: readonly Check[],
  worker: { readonly result: string; readonly cwd: string },
  world: CheckWorld,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const problem = await problemOf(check, worker, world, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return errorText(error);
    });
    results.push({ name: nameOf(check), passed: problem === undefined, detail: problem ?? '' });
  }
  return results;
}

async function problemOf(
  check: Check,
  { result, cwd }: { readonly result: string; readonly cwd: string },
  world: CheckWorld,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  if (check.file_exists !== undefined) {
    const path = resolve(cwd, check.file_exists);
    const there = await stat(path).then(
      () => true,
      () => false, // whatever the reason: it cannot be used
    );
    return there ? undefined : `${path} does not exist`;
  }
  if (check.command !== undefined) {
    const timeoutMs = check.timeout_seconds === undefined ? defaultTimeoutMs : check.timeout_seconds * 1000;
    return (await world.runCommand(check.command, cwd, timeoutMs, signal)).problem;
  }
  if (check.matches !== undefined) return world.mismatch(check.matches, result);
  const schema = check.json_schema;
  if (typeof schema !== 'object') return 'the schema was not read';
  const problems = await world.jsonProblems(schema, result);
  return problems.length === 0 ? undefined : problems.join('; ');
}

function nameOf(check: Check): string {
  if (check.name !== undefined) return check.name;
  if (check.file_exists !== undefined) return `file_exists ${check.file_exists}`;
  if (check.command !== undefined) return `command ${check.command}`;
  return check.matches === undefined ? 'json_schema' : `matches ${check.matches}`;
}
