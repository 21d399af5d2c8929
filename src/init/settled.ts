// Owns: settings on plain values: what a file must say once they are written, or taken back.
// Promises: pure; the text formats are checked against it.
// Never: sees text.
import { covers, type Edited, isObject, type Json, type JsonObject, type Setting, valueAt } from './setting.ts';

export function merged(values: JsonObject, { kind, path, value }: Setting): JsonObject {
  const put = (there: Json | undefined, depth: number): Json => {
    const key = path[depth];
    if (key === undefined) return fill(there, value, kind === 'set');
    const object = isObject(there) ? there : {};
    return { ...object, [key]: put(object[key], depth + 1) };
  };
  return put(values, 0) as JsonObject;
}

function fill(there: Json | undefined, ours: Json, overrule: boolean): Json {
  if (isObject(there) && isObject(ours)) {
    const added = Object.entries(ours).map(([key, inner]) => [key, fill(there[key], inner, overrule)] as const);
    return { ...there, ...Object.fromEntries(added) };
  }
  return there === undefined || overrule ? ours : there;
}

export function differing(values: JsonObject, { kind, path, value }: Setting): Edited['kept'] {
  const there = valueAt(values, path);
  if (there === undefined || kind === 'set') return [];
  if (isObject(value) && isObject(there))
    return Object.entries(value).flatMap(([key, inner]) =>
      differing(values, { kind, path: [...path, key], value: inner }),
    );
  return covers(there, value) ? [] : [{ path, value: there, ours: value }];
}

export function without(values: JsonObject, base: JsonObject, setting: Setting): JsonObject {
  const { path, value } = setting;
  const before = valueAt(base, path);
  if (before === undefined) return dropped(values, path, base);
  if (!isObject(before) || !isObject(value)) return values;
  return Object.entries(value).reduce(
    (now, [key, inner]) => without(now, base, { ...setting, path: [...path, key], value: inner }),
    values,
  );
}

function dropped(values: JsonObject, [key = '', ...rest]: readonly string[], base: Json | undefined): JsonObject {
  const inner = values[key];
  const { [key]: _, ...others } = values;
  if (rest.length === 0 || !isObject(inner)) return others;
  const left = dropped(inner, rest, valueAt(base, [key]));
  const gone = Object.keys(left).length === 0 && valueAt(base, [key]) === undefined;
  return gone ? others : { ...values, [key]: left };
}
