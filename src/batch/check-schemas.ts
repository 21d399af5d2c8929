// Owns: the schemas of json_schema checks: those behind an @ are read, all are judged before anything is sent.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText } from '../contract/errors.ts';
import { isObject } from '../contract/json.ts';
import type { Place, PlacedProblem } from './place.ts';
import { readJson } from './read-yaml.ts';
import type { Check } from './task-schema.ts';

/** Why the schema can't be used; undefined: it can. */
export type JudgeSchema = (schema: Readonly<Record<string, unknown>>) => string | undefined;

/** The checks with their schemas in place. `folder`: what paths are relative to. */
export async function withSchemas(
  checks: readonly Check[],
  folder: string,
  judge: JudgeSchema,
  placeOf: (index: number) => Place,
): Promise<{ readonly checks: Check[]; readonly problems: readonly PlacedProblem[] }> {
  const problems: PlacedProblem[] = [];
  const ready: Check[] = [];
  for (const [index, check] of checks.entries()) {
    const schema = await schemaOf(check.json_schema, folder);
    const problem = typeof schema === 'string' ? schema : schema === undefined ? undefined : judge(schema);
    if (problem !== undefined) problems.push({ ...placeOf(index), text: `json_schema: ${problem}` });
    ready.push(typeof schema === 'object' ? { ...check, json_schema: schema } : check);
  }
  return { checks: ready, problems };
}

/** The schema, why it can't be read, or undefined where the check has none. */
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
    return `${path} can't be read: ${errorText(error)}`;
  }
}
