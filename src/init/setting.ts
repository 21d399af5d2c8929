// Owns: what init wants to stand in a settings file, as data: a path of keys and what belongs there.
// Promises: the same settings drive writing and taking back, for JSON and for TOML.
// Never: says anything about layout.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * `fill`: missing keys are added, what is there stays as it is. `set`: the person asked for it, so another value gives way.
 * `item`: the list at the path holds the value.
 */
export type Setting = {
  readonly kind: 'fill' | 'set' | 'item';
  readonly path: readonly string[];
  readonly value: Json;
};

/** A value that the user wrote and that differs from ours; it stayed. */
export type Kept = { readonly path: readonly string[]; readonly value: Json; readonly ours: Json };

export type Edited = { readonly text: string; readonly kept: readonly Kept[] };

/** How one format of settings file is changed without touching what is not ours. */
export type SettingsFormat = {
  /** Throws when the text is malformed, or when its shape has no room for the setting. */
  readonly write: (text: string, settings: readonly Setting[], shown: string) => Edited;
  /** Takes our settings out of `text`; what `base`, the file before us, had of them stays. */
  readonly takeBack: (text: string, base: string, settings: readonly Setting[], shown: string) => string;
  readonly values: (text: string, shown: string) => Json;
  /** Nothing but an empty frame is left. */
  readonly isEmpty: (text: string, shown: string) => boolean;
};

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, index) => same(item, b[index] as Json));
  return a === b;
}

/** Nothing of ours is missing in it: the same value, or a list that holds ours. */
export function covers(there: Json, ours: Json): boolean {
  if (!Array.isArray(there) || !Array.isArray(ours)) return same(there, ours);
  return ours.every((item: Json) => there.some((one: Json) => same(one, item)));
}

export function valueAt(root: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    root,
  );
}

/** Does any of the settings stand there? */
export function standsIn(values: Json, settings: readonly Setting[]): boolean {
  return settings.some(({ kind, path, value }) => {
    const there = valueAt(values, path);
    return kind === 'item'
      ? Array.isArray(there) && there.some((item: Json) => same(item, value))
      : there !== undefined;
  });
}
