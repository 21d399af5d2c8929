// Owns: what checks hold a result against: schemas behind an @ are read; schemas and patterns are judged before anything is sent.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText } from '../contract/errors.ts';
import { isObject } from '../contract/json.ts';
import type { Place, PlacedProblem } from './place.ts';
import { readJson } from './read-yaml.ts';
import type { Check } from './task-schema.ts';

/** Why it cannot be used; undefined: it can. */
export type Judges = {
  readonly schema: (schema: Readonly<Record<string, unknown>>) => Promise<string | undefined>;
  readonly pattern: (pattern: string) => Promise<string | undefined>;
};

/** The checks with their schemas in place. `folder`: what paths are relative to. */
export async function withSchemas(
  checks: readonly Check[],
  folder: string,
  judges: Judges,
  placeOf: (index: number, key: 'json_schema' | 'matches') => Place,
): Promise<{ readonly checks: Check[]; readonly problems: readonly PlacedProblem[] }> {
  const problems: PlacedProblem[] = [];
  const ready: Check[] = [];
  for (const [index, check] of checks.entries()) {
    const schema = await schemaOf(check.json_schema, folder);
    const problem =
      typeof schema === 'string' ? schema : schema === undefined ? undefined : await judges.schema(schema);
    if (problem !== undefined) problems.push({ ...placeOf(index, 'json_schema'), text: `json_schema: ${problem}` });
    const wrong = check.matches === undefined ? undefined : await judges.pattern(check.matches);
    if (wrong !== undefined) problems.push({ ...placeOf(index, 'matches'), text: `matches: the pattern ${wrong}` });
    ready.push(typeof schema === 'object' ? { ...check, json_schema: schema } : check);
  }
  return { checks: ready, problems };
}

/** The schema, why it cannot be read, or undefined where the check has none. */
async function schemaOf(
  given: Check['json_schema'],
  folder: string,
): Promise<Record<string, unknown> | string | undefined> {
  if (typeof given !== 'string') return given;
  const path = resolve(folder, given.slice(1));
  try {
    const read = readJson(await readFile(path, 'utf8'), { file: path, line: 1 });
    if ('problems' in read)
      return read.problems.map(({ line, column, text }) => `${path}:${line}:${column}: ${text}`).join('; ');
    const { value } = read.located;
    return isObject(value) ? value : `${path} holds no object`;
  } catch (error) {
    return `${path} cannot be read: ${errorText(error)}`;
  }
}
