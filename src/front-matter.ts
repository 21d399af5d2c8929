// Owns: the YAML front matter of a Markdown file: agent files and skills.
// Promises: pure; a BOM and CRLF are tolerated; what is not valid is an error with file and line.
// Never: knows a key.
import { isMap, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { AworkersError, errorText } from './contract/errors.ts';

export type FrontMatter = {
  /** undefined: the file has none. */
  readonly values: Readonly<Record<string, unknown>> | undefined;
  readonly body: string;
  readonly lineOf: (key: string) => number;
  /** Of the whole file. */
  readonly lastLine: number;
};

export function readFrontMatter(source: string, path: string): FrontMatter {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const { yaml, body } = split(text, path);
  const read = yaml === undefined ? { values: undefined, lineOf: () => 1 } : readYaml(yaml, path);
  return { ...read, body, lastLine: text.split('\n').length };
}

/** A file's mistake: file, line, what is wrong. */
export function fault(path: string, line: number, problem: string, hint = 'Correct the file.'): AworkersError {
  return new AworkersError('usage', `${path}:${line}: ${problem}.`, hint);
}

function split(text: string, path: string): { readonly yaml: string | undefined; readonly body: string } {
  if (!/^---[ \t]*\n/.test(text)) return { yaml: undefined, body: text };
  const start = text.indexOf('\n') + 1;
  const end = /^---[ \t]*$/m.exec(text.slice(start));
  if (end === null) throw fault(path, 1, 'the front matter is not closed by a line "---"');
  return { yaml: text.slice(start, start + end.index), body: text.slice(start + end.index + end[0].length) };
}

function readYaml(
  yaml: string,
  path: string,
): { readonly values: Readonly<Record<string, unknown>>; readonly lineOf: (key: string) => number } {
  const counter = new LineCounter();
  const document = parseDocument(quoteDescription(yaml), { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number): number => counter.linePos(offset).line + 1; // the first line is "---"
  const [error] = document.errors;
  if (error !== undefined)
    throw fault(path, lineAt(error.pos[0]), `the front matter is not valid YAML: ${error.message}`);
  if (document.contents === null) return { values: {}, lineOf: () => 1 };
  if (!isMap(document.contents)) throw fault(path, 2, 'the front matter must be "key: value" lines');
  const map: YAMLMap = document.contents;
  const lineOf = (key: string): number => {
    const pair = map.items.find((item) => String(item.key) === key);
    const range = (pair?.key as { readonly range?: readonly number[] } | undefined)?.range;
    return range?.[0] === undefined ? 1 : lineAt(range[0]);
  };
  try {
    return { values: document.toJS() as Readonly<Record<string, unknown>>, lineOf };
  } catch (cause) {
    throw fault(path, 2, `the front matter is not valid YAML: ${errorText(cause)}`); // an alias bomb
  }
}

/** Descriptions in the wild hold unquoted ": " and "#", which YAML refuses or cuts. Line numbers stay. */
function quoteDescription(yaml: string): string {
  return yaml.replace(/^description:[ \t]+(?!["'|>[{&*!])(.*(?:: |:$| #).*)$/m, (_, text: string) => {
    return `description: ${JSON.stringify(text.trim())}`;
  });
}
