// Owns: turning unknown input into typed data at an edge, with errors a caller can act on.
// Promises: every problem is listed with its path; an unknown key is named with the nearest known one.
// Never: coerces a value or drops a key.
import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AworkersError } from './errors.ts';
import { inOneSentence } from './text.ts';

// To compile a schema costs as much as hundreds of parses by it, and most of them parse once: they are interpreted.
z.config({ jitless: true });

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] };

/** Parses without throwing. `problems` are sentences without a final dot, each starting with the path of the value. */
export function tryParse<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, schema)) };
}

/** Parses or throws an AworkersError ('usage'). `what` names the input, such as "spawn_worker". */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = tryParse(schema, value);
  if (parsed.ok) return parsed.value;
  throw new AworkersError('usage', `${what}: ${inOneSentence(parsed.problems)}`, 'Correct it and call again.');
}

/** The known word nearest to a mistyped one, or undefined when none is near enough to suggest. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(word.toLowerCase(), [...known]);
  const limit = Math.max(2, Math.floor(candidate.length / 2));
  return distance(word.toLowerCase(), candidate) <= limit ? candidate : undefined;
}

export function didYouMean(word: string, known: readonly string[]): string {
  const suggestion = nearest(word, known);
  return suggestion === undefined ? '' : `, did you mean "${suggestion}"?`;
}

/** A problem, and where in the value it is. */
export type Problem = {
  readonly path: readonly PropertyKey[];
  /** The key itself should not be there. */
  readonly ofKey: boolean;
  readonly text: string;
};

/** As tryParse, for input whose places have a line and a column. */
export function problemsIn(schema: z.ZodType, value: unknown): readonly Problem[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return problemsOf(issue, schema).map((text, index) => {
      const key = keys[index];
      return key === undefined
        ? { path: issue.path, ofKey: false, text }
        : { path: [...issue.path, key], ofKey: true, text };
    });
  });
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const full = path === '' ? key : `${path}.${key}`;
      return `unknown key "${full}"${didYouMean(key, known) || (known.length > 0 ? ` (known: ${known.join(', ')})` : '')}`;
    });
  }
  return [path === '' ? issue.message : `${path}: ${issue.message}`];
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const key of path) current = childOf(unwrap(current), key);
  const object = unwrap(current);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function childOf(schema: unknown, key: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)];
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  if (schema instanceof z.ZodUnion) {
    const object = schema.options.map(unwrap).find((option) => option instanceof z.ZodObject);
    return object ?? schema;
  }
  return schema;
}
