// Owns: settings in a TOML file: writing them as text, and taking them back.
// Promises: parsed before and after; the result holds exactly what was there and what was asked for, or nothing is written;
// lines that are not ours keep their bytes.
// Never: reformats.
import { parse, TomlError } from 'smol-toml';
import { AworkersError } from '../contract/errors.ts';
import { layoutOf } from './json-layout.ts';
import {
  type Edited,
  isObject,
  type Json,
  type JsonObject,
  same,
  type Setting,
  type SettingsFormat,
  valueAt,
} from './setting.ts';
import { differing, merged, without } from './settled.ts';
import { type Section, sectionsOf } from './toml-sections.ts';

export const tomlFormat: SettingsFormat = {
  write: (text, settings, shown) =>
    settings.reduce<Edited>(
      ({ text: now, kept }, setting) => {
        const before = valuesOf(now, shown);
        const wanted = merged(before, setting);
        if (same(before, wanted)) return { text: now, kept: [...kept, ...differing(before, setting)] };
        const next = put(now, before, setting);
        if (!same(tryValues(next), wanted)) throw noRoom(shown, setting.path);
        return { text: next, kept: [...kept, ...differing(before, setting)] };
      },
      { text, kept: [] },
    ),
  takeBack: (text, base, settings, shown) => {
    const before = valuesOf(base, shown);
    return settings.reduce((now, setting) => {
      const wanted = without(valuesOf(now, shown), before, setting);
      const next = take(now, before, setting);
      if (!same(tryValues(next), wanted)) throw noRoom(shown, setting.path);
      return next;
    }, text);
  },
  values: valuesOf,
  isEmpty: (text) => text.trim() === '',
};

function valuesOf(text: string, shown: string): JsonObject {
  try {
    return plain(parse(text)) as JsonObject;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [problem = 'it cannot be read'] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new AworkersError(
      'usage',
      `${shown}:${error.line}:${error.column} is not valid TOML: ${problem}.`,
      'Nothing was written. Correct it, then try again.',
      { cause: error },
    );
  }
}

function tryValues(text: string): Json | undefined {
  try {
    return plain(parse(text));
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

/** Dates and big numbers as texts: only compared, never written. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function noRoom(shown: string, path: readonly string[]): AworkersError {
  return new AworkersError(
    'conflict',
    `${shown} gives ${path.join('.')} in a form that cannot be extended (inline or dotted).`,
    `Nothing was written. Give it a table of its own, [${path.join('.')}], then try again.`,
  );
}

/** Scalars of a table go behind its last line; a table that is missing goes behind the last one of its family, or to the end. */
function put(text: string, values: JsonObject, { kind, path, value }: Setting): string {
  if (!isObject(value)) {
    const table = path.slice(0, -1);
    const key = path.at(-1) ?? '';
    if (valueAt(values, path) === undefined) return addLines(text, table, [lineOf(key, value)]);
    return kind === 'set' ? replaceLine(text, table, key, lineOf(key, value)) : text;
  }
  const there = valueAt(values, path);
  const entries = Object.entries(value).filter(
    ([key, ours]) => isObject(ours) || !isObject(there) || there[key] === undefined,
  );
  const lines = entries.flatMap(([key, ours]) => (isObject(ours) ? [] : [lineOf(key, ours)]));
  const own = lines.length === 0 ? text : addLines(text, path, lines);
  return entries.reduce(
    (now, [key, ours]) => (isObject(ours) ? put(now, values, { kind, path: [...path, key], value: ours }) : now),
    own,
  );
}

function addLines(text: string, table: readonly string[], lines: readonly string[]): string {
  const { eol } = layoutOf(text);
  const sections = sectionsOf(text);
  const own = sections.find(({ path }) => same(path, table));
  if (own !== undefined) return insert(text, own.contentEnd, lines, eol);
  const block = [`[${table.map(keyText).join('.')}]`, ...lines];
  const family = sections.findLast((section) => isWithin(section.path, table.slice(0, 2)));
  if (family !== undefined) return insert(text, family.contentEnd, ['', ...block], eol);
  const gap = text === '' || /(\r\n|\n)(\r\n|\n)$/.test(text) ? [] : [''];
  return insert(text, text.length, [...gap, ...block], eol);
}

function insert(text: string, at: number, lines: readonly string[], eol: string): string {
  const before = text.slice(0, at);
  const open = before === '' || before.endsWith('\n') ? '' : eol;
  return `${before}${open}${lines.map((line) => `${line}${eol}`).join('')}${text.slice(at)}`;
}

function replaceLine(text: string, table: readonly string[], key: string, line: string): string {
  return inSection(text, table, (section) =>
    section.replace(lineWith(key), (_, indent: string, end: string) => `${indent}${line}${end}`),
  );
}

function take(text: string, base: JsonObject, setting: Setting): string {
  const { path, value } = setting;
  const before = valueAt(base, path);
  if (before === undefined) {
    if (!isObject(value))
      return inSection(text, path.slice(0, -1), (section) => section.replace(lineWith(path.at(-1) ?? ''), ''));
    return sectionsOf(text)
      .filter((section) => section.path.length > 0 && isWithin(section.path, path))
      .reduceRight((now, section) => cutSection(now, section), text);
  }
  if (!isObject(before) || !isObject(value)) return text;
  return Object.entries(value).reduce(
    (now, [key, inner]) => take(now, base, { ...setting, path: [...path, key], value: inner }),
    text,
  );
}

/** The section's own lines, and the blank line that parted it from what stands before. */
function cutSection(text: string, { start, contentEnd }: Section): string {
  const before = text.slice(0, start);
  return before.replace(/(^|\n)(\r?\n)$/, '$1') + text.slice(contentEnd);
}

function inSection(text: string, table: readonly string[], change: (section: string) => string): string {
  const section = sectionsOf(text).find(({ path }) => same(path, table));
  if (section === undefined) return text;
  const { start, contentEnd } = section;
  return text.slice(0, start) + change(text.slice(start, contentEnd)) + text.slice(contentEnd);
}

function lineWith(key: string): RegExp {
  return new RegExp(`^([ \\t]*)${keyText(key)}[ \\t]*=[^\\r\\n]*(\\r\\n|\\n|$)`, 'm');
}

function lineOf(key: string, value: Json): string {
  return `${keyText(key)} = ${valueText(value)}`;
}

/** Our texts, numbers and lists: JSON spells them as TOML does. */
function valueText(value: Json): string {
  return Array.isArray(value) ? `[${value.map((item: Json) => valueText(item)).join(', ')}]` : JSON.stringify(value);
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

function isWithin(path: readonly string[], table: readonly string[]): boolean {
  return table.every((key, index) => path[index] === key);
}
