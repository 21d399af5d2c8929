// Owns: references within a schema ("#/$defs/name").
// Promises: JSON pointers with their escapes; `undefined` for one that leads nowhere.
// Never: leaves the document.
import { isObject, type JsonObject } from '../contract/json.ts';

export function resolveRef(root: JsonObject, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  return ref
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)];
      return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }, root);
}
