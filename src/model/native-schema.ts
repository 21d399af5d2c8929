// Owns: the form of a JSON Schema that the API enforces while the model writes.
// Promises: never looser about which keys may appear; limits that the API does not enforce are left out, as every result is
// validated against the original schema all the same.
// Never: returns a schema that would refuse what the original demands; undefined means: do not use the native way.
import { isObject, type JsonObject as Schema } from '../contract/json.ts';

const maxOptional = 24;
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);
/** Annotations and constraints that the API does not enforce: dropped here, checked on the result. */
const droppable = new Set([
  '$schema',
  '$comment',
  '$id',
  'examples',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'maxItems',
  'uniqueItems',
]);

/** A schema without any of these allows anything, which the API does not take. */
const says = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

class Unsupported extends Error {}

/** The strict form, or undefined when the schema has none (open objects, recursion, conditions, too many optional keys). */
export function nativeSchema(schema: Schema | undefined): Schema | undefined {
  if (schema === undefined || schema['type'] !== 'object') return undefined;
  try {
    const budget = { optional: 0 };
    const strict = convert(schema, budget);
    return budget.optional > maxOptional || isRecursive(schema) ? undefined : strict;
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

function convert(schema: unknown, budget: { optional: number }): Schema {
  if (!isObject(schema) || !says.some((key) => key in schema)) throw new Unsupported();
  if ('$ref' in schema)
    return Object.fromEntries(
      ['$ref', '$defs', 'definitions'].flatMap((key) => (key in schema ? keyword(key, schema[key], budget) : [])),
    );
  const open = schema['type'] === 'object' || 'properties' in schema;
  const entries = Object.entries(schema).flatMap(([key, value]) => keyword(key, value, budget));
  const strict = Object.fromEntries(entries);
  if (!open) return strict;
  if (schema['type'] !== 'object') throw new Unsupported();
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  if (!required.every((name) => typeof name === 'string' && properties.includes(name))) throw new Unsupported();
  budget.optional += properties.length - required.length;
  return { ...strict, properties: strict['properties'] ?? {}, additionalProperties: false };
}

function keyword(key: string, value: unknown, budget: { optional: number }): [string, unknown][] {
  if (droppable.has(key)) return [];
  switch (key) {
    case 'type':
      if (typeof value !== 'string' && !(Array.isArray(value) && !value.includes('object'))) throw new Unsupported();
      return [[key, value]];
    case 'title':
    case 'description':
    case 'required':
      return [[key, value]];
    case 'enum':
      if (!Array.isArray(value) || value.some((entry) => typeof entry === 'object' && entry !== null))
        throw new Unsupported();
      return [[key, value]];
    case 'const':
      if (typeof value === 'object' && value !== null) throw new Unsupported();
      return [[key, value]];
    case '$ref':
      if (typeof value !== 'string' || !/^#\/(\$defs|definitions)\/[^/]+$/.test(value)) throw new Unsupported();
      return [[key, value]];
    case 'properties':
    case '$defs':
    case 'definitions':
      if (!isObject(value)) throw new Unsupported();
      return [[key, Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, convert(sub, budget)]))]];
    case 'items':
      return [[key, convert(value, budget)]];
    case 'anyOf':
    case 'oneOf': // looser here: that only one fits is checked on the result
    case 'allOf':
      if (!Array.isArray(value)) throw new Unsupported();
      return [[key === 'allOf' ? key : 'anyOf', value.map((sub) => convert(sub, budget))]];
    case 'minItems':
      return value === 0 || value === 1 ? [[key, value]] : [];
    case 'format':
      return typeof value === 'string' && formats.has(value) ? [[key, value]] : [];
    case 'additionalProperties':
      if (value !== false) throw new Unsupported();
      return [];
    default:
      throw new Unsupported();
  }
}

/** True when a definition leads back to itself. */
function isRecursive(schema: Schema): boolean {
  const definitions = { ...asObject(schema['definitions']), ...asObject(schema['$defs']) };
  const reaches = (name: string, seen: readonly string[]): boolean =>
    seen.includes(name) || refsOf(definitions[name]).some((next) => reaches(next, [...seen, name]));
  return Object.keys(definitions).some((name) => reaches(name, []));
}

function refsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsOf);
  if (!isObject(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref'].split('/').at(-1) ?? ''] : [];
  return [...own, ...Object.values(value).flatMap(refsOf)];
}

function asObject(value: unknown): Schema {
  return isObject(value) ? value : {};
}
