// Owns: questions about JSON values: what kind one is, whether two are the same.
// Promises: equality as JSON Schema has it: by value, keys in any order.
// Never: sees a value that JSON cannot express.
import { isObject } from '../contract/json.ts';

/** Names of the JSON Schema types that a value has: 1 is an integer and a number. */
export function typesOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  return [typeof value];
}

export function equalJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Equal values, and only those, have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
