// Owns: validating a JSON value against a JSON Schema (draft 2020-12, and draft-07's spellings of the same).
// Promises: each supported keyword means what the standard says; a schema with any other keyword is refused before use, by path;
// every problem names the place in the value; the work has a limit, also where each part of a schema refers twice to the next.
// Never: changes the value, applies a default, or loads a remote schema.
import { isObject, type JsonObject } from '../contract/json.ts';
import { formats } from './formats.ts';
import { matchPattern } from './pattern.ts';
import { canonical, equalJson, typesOf } from './values.ts';
import { resolveRef } from './refs.ts';

type Check = (keyword: unknown, value: unknown, at: Place) => readonly string[];

/** One validation: the root for $ref, and how many more schemas may be applied. */
type Run = { readonly root: JsonObject; left: number };

/** Where a check stands: the path in the value, and the schema object around the keyword. */
type Place = { readonly path: string; readonly schema: JsonObject; readonly run: Run };

/** Some tenths of a second; a result of 250 kB needs a tenth of it. */
const maxSchemas = 500_000;

class TooMuchWork extends Error {}

/** Problems of the value, each starting with its path; none: the value satisfies the schema. */
export function valueProblems(root: JsonObject, value: unknown): readonly string[] {
  try {
    return check(root, value, '', { root, left: maxSchemas });
  } catch (error) {
    if (error instanceof TooMuchWork) return [problem('', 'takes too much work to check against this schema')];
    throw error;
  }
}

function check(schema: unknown, value: unknown, path: string, run: Run): readonly string[] {
  run.left -= 1;
  if (run.left < 0) throw new TooMuchWork();
  if (schema === true) return [];
  if (!isObject(schema)) return [problem(path, 'must not be here')];
  const at: Place = { path, schema, run };
  return Object.entries(schema).flatMap(([name, keyword]) => checks[name]?.(keyword, value, at) ?? []);
}

function passes(schema: unknown, value: unknown, at: Place): boolean {
  return check(schema, value, at.path, at.run).length === 0;
}

function problem(path: string, text: string): string {
  return `${path === '' ? 'the result' : path} ${text}`;
}

function inside(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

const show = (value: unknown): string => JSON.stringify(value);

/** A check of values of one kind; values of another kind pass, as the standard has it. */
function on<T>(
  is: (value: unknown) => value is T,
  test: (keyword: never, value: T, at: Place) => readonly string[],
): Check {
  return (keyword, value, at) => (is(value) ? test(keyword as never, value, at) : []);
}

function limit<T>(is: (value: unknown) => value is T, fits: (value: T, bound: number) => boolean, text: string): Check {
  return on(is, (bound: number, value, { path }) => (fits(value, bound) ? [] : [problem(path, `${text} ${bound}`)]));
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const keysOf = (value: JsonObject): number => Object.keys(value).length;
const lengthOf = (text: string): number => Array.from(text).length; // characters, not UTF-16 units

const checks: Readonly<Record<string, Check>> = {
  type: (types, value, { path }) => {
    const wanted = [types].flat();
    return typesOf(value).some((type) => wanted.includes(type))
      ? []
      : [problem(path, `must be ${wanted.join(' or ')}`)];
  },
  enum: (values, value, { path }) =>
    isArray(values) && values.some((entry) => equalJson(entry, value))
      ? []
      : [problem(path, `must be one of ${isArray(values) ? values.map(show).join(', ') : ''}`)],
  const: (wanted, value, { path }) => (equalJson(wanted, value) ? [] : [problem(path, `must be ${show(wanted)}`)]),

  minLength: limit(isString, (text, bound) => lengthOf(text) >= bound, 'is shorter than'),
  maxLength: limit(isString, (text, bound) => lengthOf(text) <= bound, 'is longer than'),
  pattern: on(isString, (pattern: string, text, { path }) => {
    const matched = matchPattern(pattern, 'u', text);
    if (matched === true) return [];
    return [problem(path, `must match ${pattern}${matched === false ? '' : `, which ${matched.problem}`}`)];
  }),
  format: on(isString, (format: string, text, { path }) =>
    formats[format]?.(text) === false ? [problem(path, `must be in format ${format}`)] : [],
  ),

  minimum: limit(isNumber, (value, bound) => value >= bound, 'must be at least'),
  maximum: limit(isNumber, (value, bound) => value <= bound, 'must be at most'),
  exclusiveMinimum: limit(isNumber, (value, bound) => value > bound, 'must be above'),
  exclusiveMaximum: limit(isNumber, (value, bound) => value < bound, 'must be below'),
  multipleOf: limit(isNumber, (value, step) => isMultiple(value, step), 'must be a multiple of'),

  minItems: limit(isArray, (list, bound) => list.length >= bound, 'has fewer items than'),
  maxItems: limit(isArray, (list, bound) => list.length <= bound, 'has more items than'),
  uniqueItems: on(isArray, (unique: boolean, list, { path }) =>
    unique && new Set(list.map(canonical)).size < list.length ? [problem(path, 'must not repeat an item')] : [],
  ),
  prefixItems: on(isArray, (schemas: readonly unknown[], list, { path, run }) =>
    list.slice(0, schemas.length).flatMap((item, index) => check(schemas[index], item, inside(path, index), run)),
  ),
  items: on(isArray, (items: unknown, list, at) => {
    const head = isArray(items) ? items : [];
    const from = isArray(at.schema['prefixItems']) ? at.schema['prefixItems'].length : head.length;
    const rest = isArray(items) ? (at.schema['additionalItems'] ?? true) : items;
    return list.flatMap((item, index) =>
      index < from && !isArray(items) ? [] : check(head[index] ?? rest, item, inside(at.path, index), at.run),
    );
  }),
  contains: on(isArray, (schema: unknown, list, at) => {
    const count = list.filter((item) => passes(schema, item, at)).length;
    const { minContains = 1, maxContains = Infinity } = at.schema as { minContains?: number; maxContains?: number };
    return count >= minContains && count <= maxContains
      ? []
      : [problem(at.path, `has ${count} items of the kind that "contains" asks for`)];
  }),

  minProperties: limit(isObject, (value, bound) => keysOf(value) >= bound, 'has fewer keys than'),
  maxProperties: limit(isObject, (value, bound) => keysOf(value) <= bound, 'has more keys than'),
  required: on(isObject, (names: readonly string[], value, { path }) =>
    names.filter((name) => !Object.hasOwn(value, name)).map((name) => problem(inside(path, name), 'is missing')),
  ),
  properties: on(isObject, (properties: JsonObject, value, { path, run }) =>
    Object.entries(properties).flatMap(([name, schema]) =>
      Object.hasOwn(value, name) ? check(schema, value[name], inside(path, name), run) : [],
    ),
  ),
  patternProperties: on(isObject, (patterns: JsonObject, value, { path, run }) =>
    Object.entries(patterns).flatMap(([pattern, schema]) =>
      Object.keys(value)
        .filter((name) => mayMatch(pattern, name))
        .flatMap((name) => check(schema, value[name], inside(path, name), run)),
    ),
  ),
  additionalProperties: on(isObject, (schema: unknown, value, { path, run, schema: own }) => {
    const { properties = {}, patternProperties = {} } = own as Readonly<Record<string, JsonObject>>;
    const patterns = Object.keys(patternProperties);
    return Object.keys(value)
      .filter(
        (name) =>
          !Object.hasOwn(properties, name) && !patterns.some((pattern) => matchPattern(pattern, 'u', name) === true),
      )
      .flatMap((name) => check(schema, value[name], inside(path, name), run));
  }),
  propertyNames: on(isObject, (schema: unknown, value, { path, run }) =>
    Object.keys(value).flatMap((name) => check(schema, name, `${inside(path, name)} (the key)`, run)),
  ),
  dependentRequired: on(isObject, (needs: Readonly<Record<string, readonly string[]>>, value, { path }) =>
    Object.entries(needs).flatMap(([name, others]) =>
      Object.hasOwn(value, name)
        ? others
            .filter((other) => !Object.hasOwn(value, other))
            .map((other) => problem(inside(path, other), `is missing beside ${name}`))
        : [],
    ),
  ),
  dependentSchemas: on(isObject, (needs: JsonObject, value, { path, run }) =>
    Object.entries(needs).flatMap(([name, schema]) =>
      Object.hasOwn(value, name) ? check(schema, value, path, run) : [],
    ),
  ),

  $ref: (ref, value, { path, run }) => check(resolveRef(run.root, String(ref)), value, path, run),
  allOf: (schemas, value, { path, run }) => [schemas].flat().flatMap((schema) => check(schema, value, path, run)),
  anyOf: (schemas, value, at) => {
    const branches = [schemas].flat().map((schema) => check(schema, value, at.path, at.run));
    if (branches.some((problems) => problems.length === 0)) return [];
    const nearest = branches.toSorted((a, b) => a.length - b.length)[0] ?? [];
    return [problem(at.path, 'fits none of the alternatives'), ...nearest];
  },
  oneOf: (schemas, value, at) => {
    const count = [schemas].flat().filter((schema) => passes(schema, value, at)).length;
    return count === 1 ? [] : [problem(at.path, `fits ${count} of the alternatives, not exactly one`)];
  },
  not: (schema, value, at) => (passes(schema, value, at) ? [problem(at.path, 'is what "not" excludes')] : []),
  if: (schema, value, at) => {
    const branch = at.schema[passes(schema, value, at) ? 'then' : 'else'];
    return branch === undefined ? [] : check(branch, value, at.path, at.run);
  },
};

/** What cannot be found out has to satisfy the schema as well. */
function mayMatch(pattern: string, name: string): boolean {
  return matchPattern(pattern, 'u', name) !== false;
}

/** Floats such as 0.3 are multiples of 0.1 to anybody who writes a schema. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient)) * 4;
}
