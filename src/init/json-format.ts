// Owns: settings in a JSON file with comments: writing them, and taking them back.
// Promises: one change at a time on freshly parsed text; everything that is not ours keeps its bytes.
// Never: guesses: a value of the wrong kind on the way is an error that names its place.
import { frame, insertChild, removeChild, replaceNode } from './json-layout.ts';
import { malformed, type Node, nodeAt, propertyOf, treeOf, valueOf } from './json-tree.ts';
import {
  covers,
  type Edited,
  isObject,
  type Json,
  type Kept,
  same,
  type Setting,
  type SettingsFormat,
  valueAt,
} from './setting.ts';

export const jsonFormat: SettingsFormat = {
  write: (text, settings, shown) =>
    settings.reduce<Edited>(
      ({ text: now, kept }, setting) => {
        const next = put(now, setting, shown);
        return { text: next.text, kept: [...kept, ...next.kept] };
      },
      { text, kept: [] },
    ),
  takeBack: (text, base, settings, shown) => {
    const before = valueOf(treeOf(base, shown));
    return settings.reduce((now, setting) => take(now, before, setting, shown), text);
  },
  values: (text, shown) => valueOf(treeOf(text, shown)),
  isEmpty: (text, shown) => {
    const root = treeOf(text, shown);
    return root === undefined ? text.trim() === '' : text.trim().replaceAll(/\s/g, '') === '{}';
  },
};

function put(text: string, setting: Setting, shown: string): Edited {
  const root = treeOf(text, shown);
  if (root === undefined) return { text: intoEmpty(text, setting), kept: [] };
  let node = root;
  for (const [depth, key] of setting.path.entries()) {
    const property = objectAt(text, node, setting.path.slice(0, depth), shown) && propertyOf(text, node, key, shown);
    const inner = property?.children?.[1];
    if (inner === undefined) {
      return { text: insertChild(text, node, { key, value: nested(setting, depth + 1) }), kept: [] };
    }
    node = inner;
  }
  return into(text, node, setting, shown);
}

/** The place exists: what is missing in it is added. */
function into(text: string, node: Node, setting: Setting, shown: string): Edited {
  const there = valueOf(node);
  const { kind, path, value } = setting;
  if (kind === 'item') {
    if (node.type !== 'array') throw malformed(text, node.offset, shown, `should hold a list at ${path.join('.')}`);
    const has = Array.isArray(there) && there.some((item: Json) => same(item, value));
    return { text: has ? text : insertChild(text, node, { value }), kept: [] };
  }
  if (isObject(value)) {
    objectAt(text, node, path, shown);
    const inner = Object.entries(value).map(([key, item]) => ({ ...setting, path: [...path, key], value: item }));
    return jsonFormat.write(text, inner, shown);
  }
  if (same(there, value)) return { text, kept: [] };
  if (kind === 'set') return { text: replaceNode(text, node, value), kept: [] };
  return { text, kept: covers(there, value) ? [] : [{ path, value: there, ours: value } satisfies Kept] };
}

function objectAt(text: string, node: Node, path: readonly string[], shown: string): true {
  if (node.type === 'object') return true;
  throw malformed(text, node.offset, shown, `should hold an object at ${path.join('.')}`);
}

function intoEmpty(text: string, setting: Setting): string {
  const [key = ''] = setting.path;
  const json = frame([{ key, value: nested(setting, 1) }], text);
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  if (text.trim() === '') return `${json}${eol}`;
  return `${text}${/[\r\n]$/.test(text) ? '' : eol}${json}${eol}`;
}

/** The value of a setting below the first `depth` keys of its path. */
function nested({ kind, path, value }: Setting, depth: number): Json {
  const innermost: Json = kind === 'item' ? [value] : value;
  return path.slice(depth).reduceRight<Json>((inner, key) => ({ [key]: inner }), innermost);
}

function take(text: string, base: Json, setting: Setting, shown: string): string {
  const { kind, path, value } = setting;
  const node = nodeAt(text, treeOf(text, shown), path, shown);
  if (node === undefined) return text;
  const before = valueAt(base, path);
  if (kind === 'item') {
    const item = node.children?.find((child) => same(valueOf(child), value));
    if (item === undefined || (Array.isArray(before) && before.some((old: Json) => same(old, value)))) return text;
    return prune(removeChild(text, node, item), base, path, shown);
  }
  if (before === undefined) return remove(text, base, path, shown);
  if (isObject(before) && isObject(value)) {
    const inner = Object.entries(value).map(([key, ours]) => ({ ...setting, path: [...path, key], value: ours }));
    return inner.reduce((now, one) => take(now, base, one, shown), text);
  }
  return kind === 'set' && same(valueOf(node), value) ? replaceNode(text, node, before) : text;
}

function remove(text: string, base: Json, path: readonly string[], shown: string): string {
  const parent = nodeAt(text, treeOf(text, shown), path.slice(0, -1), shown);
  const property = parent && propertyOf(text, parent, path.at(-1) ?? '', shown);
  if (parent === undefined || property === undefined) return text;
  return prune(removeChild(text, parent, property), base, path.slice(0, -1), shown);
}

/** Takes away the containers that we made and that are empty now. */
function prune(text: string, base: Json, path: readonly string[], shown: string): string {
  if (path.length === 0 || valueAt(base, path) !== undefined) return text;
  const node = nodeAt(text, treeOf(text, shown), path, shown);
  const hollow = node !== undefined && /^[[{]\s*[\]}]$/.test(text.slice(node.offset, node.offset + node.length));
  return hollow ? remove(text, base, path, shown) : text;
}
