// Owns: places in JSON text: where it stops being JSON, and where a key stands. The runtimes' own parsers tell neither alike.
// Promises: pure; accepts exactly what JSON.parse accepts; places are "line:column", from 1.
// Never: returns a value (JSON.parse does).

export type JsonPlaces =
  | { readonly ok: false; readonly place: string; readonly expected: string }
  /** The place of the longest part of the key path that is there. */
  | { readonly ok: true; readonly placeOf: (path: readonly string[]) => string };

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y; // oxlint-disable-line no-control-regex
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

class Unexpected extends Error {
  readonly at: number;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

export function jsonPlaces(text: string): JsonPlaces {
  const keys = new Map<string, number>();
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  }

  function mark(character: string): boolean {
    take(space);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  }

  function list(close: string, item: (index: number) => void): void {
    if (mark(close)) return;
    for (let index = 0; ; index += 1) {
      item(index);
      if (mark(close)) return;
      if (!mark(',')) throw new Unexpected(at, `"," or "${close}"`);
    }
  }

  function value(path: readonly string[]): void {
    if (mark('{')) {
      list('}', () => {
        take(space);
        const start = at;
        const key = take(string);
        if (key === undefined) throw new Unexpected(at, 'a key in double quotes');
        const own = [...path, String(JSON.parse(key))];
        keys.set(JSON.stringify(own), start);
        if (!mark(':')) throw new Unexpected(at, '":"');
        value(own);
      });
    } else if (mark('[')) {
      list(']', (index) => value([...path, String(index)]));
    } else if (take(string) === undefined && take(scalar) === undefined) {
      throw new Unexpected(at, 'a value');
    }
  }

  try {
    value([]);
    take(space);
    if (at < text.length) throw new Unexpected(at, 'the end of the file');
  } catch (error) {
    if (error instanceof Unexpected) return { ok: false, place: placeAt(text, error.at), expected: error.message };
    throw error;
  }
  return {
    ok: true,
    placeOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const found = keys.get(JSON.stringify(path.slice(0, length)));
        if (found !== undefined) return placeAt(text, found);
      }
      return '1:1';
    },
  };
}

function placeAt(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
