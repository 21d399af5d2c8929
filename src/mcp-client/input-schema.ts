// Owns: a server's input schema in the form that the Messages API takes.
// Promises: an object at the root without anyOf, oneOf or allOf, which the API refuses there: their properties are merged, and
// what is required by every branch stays required. The server checks the input against its own schema as ever.
// Never: changes anything below the root.
import { isObject, type JsonObject as Schema } from '../contract/json.ts';

const apiKey = /^[a-zA-Z0-9_.-]{1,64}$/;

/** undefined: the API would refuse every request that carries the tool, because of the name of a property. */
export function inputSchemaFor(schema: Schema): Schema | undefined {
  const { $schema: _, anyOf, oneOf, allOf, ...root } = schema;
  const choices = [...schemas(anyOf), ...schemas(oneOf)];
  const all = schemas(allOf);
  const properties = Object.assign({}, ...[...choices, ...all, root].map((each) => objectAt(each, 'properties')));
  if (!Object.keys(properties).every((key) => apiKey.test(key))) return undefined;
  const required = new Set([root, ...all, ...common(choices)].flatMap(requiredOf));
  return {
    ...root,
    type: 'object',
    properties,
    ...(required.size === 0 ? {} : { required: [...required] }),
  };
}

/** One schema that requires what all of them require. */
function common(choices: readonly Schema[]): readonly Schema[] {
  const [first, ...rest] = choices;
  if (first === undefined) return [];
  return [{ required: requiredOf(first).filter((key) => rest.every((each) => requiredOf(each).includes(key))) }];
}

function requiredOf(schema: Schema): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [];
}

function schemas(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function objectAt(schema: Schema, key: string): Schema {
  const value = schema[key];
  return isObject(value) ? value : {};
}
