// Owns: CSV text to rows with places.
// Promises: all bad rows at once; a cell's place is where it begins, also behind cells with line breaks.
// Never: gives a column a meaning.
import { parse } from 'csv-parse/sync';
import { AworkersError, errorText } from '../contract/errors.ts';
import type { Place, PlacedProblem } from './place.ts';

type CsvRow = { readonly cells: Readonly<Record<string, string>>; readonly placeOf: (column: string) => Place };

export type CsvTable = {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  readonly problems: readonly PlacedProblem[];
};

type RawRow = { readonly record: readonly string[]; readonly raw: string; readonly info: { readonly lines: number } };

export function readCsv(text: string, file: string): CsvTable {
  const problems: PlacedProblem[] = [];
  let raws: readonly RawRow[] = [];
  try {
    raws = parse(text, {
      bom: true,
      info: true,
      raw: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        if (error === undefined) return;
        const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
        problems.push({ file, line, column: 1, text: error.message });
      },
    }) as unknown as readonly RawRow[];
  } catch (error) {
    problems.push({ file, line: 1, column: 1, text: errorText(error) });
  }
  const [head, ...body] = raws.map((row) => ({ ...row, line: row.info.lines - breaksIn(row.raw) }));
  const columns = (head?.record ?? []).map((name) => name.trim());
  const start = { file, line: head?.line ?? 1, column: 1 };
  for (const name of columns.filter((each, index) => each === '' || columns.indexOf(each) !== index)) {
    problems.push({ ...start, text: name === '' ? 'a column has no name' : `the column "${name}" is there twice` });
  }
  const rows = body.flatMap(({ record, raw, line }) => {
    if (record.length !== columns.length) {
      const text = `this row has ${record.length} cells, the head has ${columns.length}`;
      problems.push({ file, line, column: 1, text });
      return [];
    }
    const cells = Object.fromEntries(columns.map((name, index) => [name, record[index] ?? '']));
    const placeOf = (column: string) => cellPlace(raw, Math.max(0, columns.indexOf(column)), { file, line });
    return [{ cells, placeOf }];
  });
  return { columns, rows, problems };
}

/** `raw` ends with the line break of its row, but for a last row without one. */
function breaksIn(raw: string): number {
  return raw.replace(/\r?\n$/, '').split('\n').length - 1;
}

function cellPlace(raw: string, index: number, { file, line }: { file: string; line: number }): Place {
  const begun = raw.replace(/^[\r\n]+/, '');
  let place = { file, line, column: 1 };
  let cell = 0;
  let quoted = false;
  for (const character of begun) {
    if (cell === index) return place;
    if (character === '"') quoted = !quoted;
    if (character === ',' && !quoted) cell += 1;
    place =
      character === '\n'
        ? { file, line: place.line + 1, column: 1 }
        : { file, line: place.line, column: place.column + 1 };
  }
  if (cell > index) throw new AworkersError('internal', `Cell ${index} of ${file}:${line} was passed.`, '');
  return place;
}
