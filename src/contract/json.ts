// Owns: questions about a JSON value of unknown shape.
// Never: parses.

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object, and not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
