// Owns: judging a schema before it is used: keywords we know, values of the right kind, references that lead somewhere.
// Promises: a schema that passes can be checked against any value without throwing or running forever.
// Never: judges a value.
import { assertNever } from '../contract/errors.ts';
import { isObject, type JsonObject } from '../contract/json.ts';
import { patternProblem } from './pattern.ts';
import { resolveRef } from './refs.ts';

/** Keywords by the kind of value they take. */
const keywords = {
  any: ['type', 'enum', 'const'],
  schema: ['additionalItems', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'],
  schemas: ['prefixItems', 'allOf', 'anyOf', 'oneOf'],
  items: ['items'],
  map: ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'],
  names: ['required'],
  needs: ['dependentRequired'],
  count: 'minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties'.split(' '),
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: ['uniqueItems'],
  pattern: ['pattern'],
  text: ['format', '$ref'],
} as const;
type Kind = keyof typeof keywords;

const kinds: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(keywords) as Kind[]).flatMap((kind) => keywords[kind].map((name) => [name, kind] as const)),
);

const annotations = new Set(
  '$schema $id $comment $anchor title description default examples deprecated readOnly writeOnly contentEncoding contentMediaType'.split(
    ' ',
  ),
);
const types = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'];
/** Applied to the same value: a reference that comes back through these alone would never end. */
const inPlace = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

/** Problems of the schema, each starting with its path ("#/properties/x"); none: it can be used. */
export function schemaProblems(schema: JsonObject): readonly string[] {
  const shape = judge(schema, '#', schema);
  return shape.length > 0 || !isEndless(schema) ? shape : ['#: a $ref leads back to itself without end'];
}

function judge(schema: unknown, path: string, root: JsonObject): readonly string[] {
  if (typeof schema === 'boolean') return [];
  if (!isObject(schema)) return [`${path}: must be a schema`];
  return Object.entries(schema).flatMap(([name, value]) => {
    if (annotations.has(name) || name.startsWith('x-')) return [];
    const kind = kinds.get(name);
    const here = `${path}/${name}`;
    if (kind === undefined) return [`${here}: the keyword is not supported`];
    return [...judgeKind(kind, value, here, root), ...judgeKeyword(name, value, here, root)];
  });
}

function judgeKind(kind: Kind, value: unknown, path: string, root: JsonObject): readonly string[] {
  const must = (holds: boolean, text: string): string[] => (holds ? [] : [`${path}: must be ${text}`]);
  switch (kind) {
    case 'schema':
      return judge(value, path, root);
    case 'items':
      return Array.isArray(value) ? judgeKind('schemas', value, path, root) : judge(value, path, root);
    case 'schemas':
      if (!Array.isArray(value) || value.length === 0) return must(false, 'a list of schemas');
      return value.flatMap((schema, index) => judge(schema, `${path}/${index}`, root));
    case 'map':
      if (!isObject(value)) return must(false, 'an object of schemas');
      return Object.entries(value).flatMap(([name, schema]) => judge(schema, `${path}/${name}`, root));
    case 'names':
      return must(isNames(value), 'a list of names');
    case 'needs':
      return must(isObject(value) && Object.values(value).every(isNames), 'an object of lists of names');
    case 'count':
      return must(typeof value === 'number' && Number.isInteger(value) && value >= 0, 'a whole number');
    case 'number':
      return must(typeof value === 'number', 'a number');
    case 'boolean':
      return must(typeof value === 'boolean', 'true or false');
    case 'text':
      return must(typeof value === 'string', 'a text');
    case 'pattern':
      return judgePattern(value, path);
    case 'any':
      return [];
    default:
      return assertNever(kind);
  }
}

function judgeKeyword(name: string, value: unknown, path: string, root: JsonObject): readonly string[] {
  if (name === 'type') {
    const wrong = [value].flat().filter((type) => !types.includes(String(type)));
    return wrong.map((type) => `${path}: ${JSON.stringify(type)} is not a type (${types.join(', ')})`);
  }
  if (name === 'enum' && !Array.isArray(value)) return [`${path}: must be a list`];
  if (name === 'multipleOf' && typeof value === 'number' && value <= 0) return [`${path}: must be above 0`];
  if (name === 'patternProperties' && isObject(value)) {
    return Object.keys(value).flatMap((key) => judgePattern(key, path));
  }
  if (name === '$ref' && typeof value === 'string' && resolveRef(root, value) === undefined) {
    return [`${path}: "${value}" leads nowhere; only references within the schema are followed`];
  }
  return [];
}

function isEndless(root: JsonObject): boolean {
  const done = new Set<unknown>();
  const loops = (schema: unknown, open: readonly unknown[]): boolean => {
    if (!isObject(schema) || done.has(schema)) return false;
    if (open.includes(schema)) return true;
    const found = inPlaceOf(schema, root).some((next) => loops(next, [...open, schema]));
    done.add(schema);
    return found;
  };
  return objectsIn(root).some((schema) => loops(schema, []));
}

function inPlaceOf(schema: JsonObject, root: JsonObject): readonly unknown[] {
  return inPlace.flatMap((name) => {
    const value = schema[name];
    if (name === '$ref') return typeof value === 'string' ? [resolveRef(root, value)] : [];
    return name === 'dependentSchemas' && isObject(value) ? Object.values(value) : [value].flat();
  });
}

function objectsIn(value: unknown): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function judgePattern(pattern: unknown, path: string): string[] {
  if (typeof pattern !== 'string') return [`${path}: must be a regular expression`];
  const problem = patternProblem(pattern, 'u');
  return problem === undefined ? [] : [`${path}: ${quoted(pattern)} ${problem}`];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
