// Owns: reporting a zod failure in the wording of the Messages API.
// Promises: the path first, then the API's sentence; the first problem of a value only.
// Never: coerces or repairs.
import type { z } from 'zod';

/** The value typed, or the sentence the API would refuse it with. `at` is put before the path. */
export function fits<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: string,
): { readonly value: T } | { readonly problem: string } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return { problem: sentence(parsed.error.issues[0]!, value, at) };
}

function sentence(issue: z.core.$ZodIssue, value: unknown, at: string): string {
  const inner = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined;
  if (inner !== undefined) return sentence({ ...inner, path: [...issue.path, ...inner.path] }, value, at);
  const path = [...(at === '' ? [] : [at]), ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${path === '' ? '' : `${path}.`}${issue.keys[0]}: Extra inputs are not permitted`;
  }
  return `${path}: ${wording(issue, valueAt(value, issue.path))}`;
}

function wording(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return 'Field required';
  if (issue.code === 'invalid_type') return `Input should be a valid ${typeNames[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') {
    return `Input should be ${oneOf(issue.values.map((value) => `'${String(value)}'`))}`;
  }
  if (issue.code === 'too_small') return limit(issue.origin, 'least', 'greater', issue.minimum);
  if (issue.code === 'too_big') return limit(issue.origin, 'most', 'less', issue.maximum);
  if (issue.code !== 'invalid_format') return issue.message;
  return `String should match pattern '${(issue.pattern ?? '').replaceAll(/^\/|\/\w*$/g, '')}'`;
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'integer',
  array: 'list',
  object: 'dictionary',
  record: 'dictionary',
};

function limit(origin: string, side: string, comparison: string, bound: number | bigint): string {
  if (origin === 'string') return `String should have at ${side} ${bound} character${bound === 1 ? '' : 's'}`;
  if (origin === 'array') return `List should have at ${side} ${bound} item${bound === 1 ? '' : 's'}`;
  return `Input should be ${comparison} than or equal to ${bound}`;
}

function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}
