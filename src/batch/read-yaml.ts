// Owns: YAML and JSON text to values with places. JSON is read by its own parser; its places come from the YAML one, of whose
// language it is a part.
// Promises: all syntax errors of a file; what JSON does not allow is an error in JSON, also where YAML would.
// Never: judges what the values mean.
import { type Document, isCollection, isMap, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml';
import { errorText } from '../contract/errors.ts';
import { type Located, type Place, placeAt, type PlacedProblem } from './place.ts';

export type ReadText = { readonly located: Located } | { readonly problems: readonly PlacedProblem[] };

/** Where the text begins within its file. */
export type Origin = { readonly file: string; readonly line: number };

export function readYaml(text: string, origin: Origin): ReadText {
  const { document, placeOf, at } = parsed(text, origin);
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => ({ ...at(error.pos[0]), text: error.message })) };
  }
  try {
    return { located: { value: document.toJS() as unknown, placeOf } };
  } catch (error) {
    return { problems: [{ ...at(0), text: errorText(error) }] }; // an alias bomb
  }
}

export function readJson(text: string, origin: Origin): ReadText {
  try {
    const value: unknown = JSON.parse(text);
    let places: Located['placeOf'] | undefined; // most files have no problem to place
    const start = placeIn(text, origin, text.search(/\S/));
    const placeOf: Located['placeOf'] = (path, ofKey) =>
      path.length === 0 ? start : (places ??= parsed(text, origin).placeOf)(path, ofKey);
    return { located: { value, placeOf } };
  } catch (error) {
    return { problems: [jsonProblem(text, origin, errorText(error))] };
  }
}

function parsed(text: string, origin: Origin) {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file: origin.file, line: Math.max(1, line) + origin.line - 1, column: Math.max(1, col) };
  };
  return {
    document,
    at,
    placeOf: (path: readonly PropertyKey[], ofKey = false) => at(offsetOf(document, path, ofKey)),
  };
}

/** Of the value at this path (or its key), or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[], ofKey: boolean): number {
  const map = ofKey ? document.getIn(path.slice(0, -1), true) : undefined;
  const pair = isMap(map) ? map.items.find((item) => String(item.key) === path.at(-1)) : undefined;
  const key = rangeOf(pair?.key);
  if (key !== undefined) return key;
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const start = rangeOf(node);
    if (start !== undefined) return start;
  }
  return rangeOf(document.contents) ?? 0;
}

function rangeOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? node.range?.[0] : undefined;
}

function jsonProblem(text: string, origin: Origin, message: string): PlacedProblem {
  const { document, at } = parsed(text, origin);
  const [error] = document.errors;
  if (error !== undefined) return { ...at(error.pos[0]), text: `not JSON: ${error.message}` };
  const found = notJson(document);
  if (found !== undefined) return { ...at(found.offset), text: `not JSON: ${found.text}` };
  const comma = /,\s*[}\]]/.exec(text.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (string) => '_'.repeat(string.length)));
  if (comma === null) return { ...at(0), text: `not JSON: ${message}` };
  return { ...placeIn(text, origin, comma.index), text: 'not JSON: a comma before the closing bracket' };
}

function placeIn(text: string, origin: Origin, offset: number): Place {
  const place = placeAt(origin.file, text, offset);
  return { ...place, line: place.line + origin.line - 1 };
}

/** The first thing that YAML reads and JSON does not. */
function notJson(document: Document): { readonly offset: number; readonly text: string } | undefined {
  let found: { offset: number; text: string } | undefined;
  visit(document, {
    Scalar: (_, node: Scalar) => {
      const source = node.source ?? '';
      const plain = node.type === 'PLAIN' && !/^(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(source);
      if (!plain && node.type !== 'QUOTE_SINGLE') return undefined;
      const what = source === '' ? 'a value is missing here' : `${JSON.stringify(source)} needs double quotes`;
      found = { offset: node.range?.[0] ?? 0, text: what };
      return visit.BREAK;
    },
    Collection: (_, node) => {
      if (node.flow === true) return undefined;
      found = { offset: node.range?.[0] ?? 0, text: 'this is YAML without brackets' };
      return visit.BREAK;
    },
  });
  return found;
}
