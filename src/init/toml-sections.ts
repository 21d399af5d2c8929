// Owns: where the tables of a TOML text begin and end.
// Promises: brackets in strings, comments and values that span lines are no headers.
// Never: validates (toml-format.ts parses before and after).
import { parse, type TomlTable } from 'smol-toml';

export type Section = {
  /** Keys of the header; [] is what stands before the first one. */
  readonly path: readonly string[];
  /** Where the header's line begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
  /** Behind the last line that is neither blank nor a comment. */
  readonly contentEnd: number;
};

const tokens =
  /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\r\n])*"|'[^'\r\n]*'|#[^\r\n]*|\r\n|[\n[\]{}]|[^\s"'#[\]{}]+/g;

export function sectionsOf(text: string): readonly Section[] {
  const headers = headersOf(text);
  const starts = [{ start: 0, path: [] as readonly string[] }, ...headers];
  return starts.map(({ start, path }, index) => {
    const end = starts[index + 1]?.start ?? text.length;
    return { path, start, end, contentEnd: start + contentLength(text.slice(start, end)) };
  });
}

function headersOf(text: string): { readonly start: number; readonly path: readonly string[] }[] {
  const found: { readonly start: number; readonly path: readonly string[] }[] = [];
  let depth = 0;
  let fresh = true; // nothing but space on this line so far
  let header: number | undefined;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '\n' || token === '\r\n') {
      header = undefined;
      fresh = true;
      continue;
    }
    if (fresh && depth === 0 && token === '[') {
      header = index;
      const line = /^[^\r\n]*/.exec(text.slice(index))?.[0] ?? '';
      const start = Math.max(text.lastIndexOf('\n', index) + 1, 0);
      found.push({ start, path: keysOf(line) });
    }
    fresh = false;
    if (header !== undefined) continue; // brackets of a header do not nest values
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
  }
  return found;
}

/** The parser itself reads the header; of an array of tables it is the keys all the same. */
function keysOf(line: string): readonly string[] {
  const keys: string[] = [];
  for (let table: unknown = parse(line); isTable(table);) {
    const [entry] = Object.entries(table);
    if (entry === undefined) return keys;
    keys.push(entry[0]);
    table = Array.isArray(entry[1]) ? entry[1][0] : entry[1];
  }
  return keys;
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function contentLength(section: string): number {
  const lines = section.split(/(?<=\n)/);
  const last = lines.findLastIndex((line) => !/^\s*(#.*)?$/.test(line.trimEnd()));
  return lines.slice(0, last + 1).join('').length;
}
