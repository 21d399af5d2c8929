// Owns: what Edit does to a text. Pure.
// Promises: exact and literal; unique unless all are asked for; line ends of the text are kept; a miss says what is near.
// Never: guesses which match was meant.
import { counted } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';
import { lineEnd, withLineEnd } from './text-file.ts';

export type Replacement = {
  readonly text: string;
  readonly count: number;
  /** From 1. */ readonly lines: readonly number[];
};

export type EditInput = {
  readonly file_path: string;
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean | undefined;
};

export function replaceIn(text: string, edit: EditInput): Replacement {
  if (edit.old_string === edit.new_string)
    throw new ToolFailure('old_string and new_string are the same: nothing to do.');
  const end = lineEnd(text);
  const wanted = text.includes(edit.old_string) ? edit.old_string : withLineEnd(edit.old_string, end);
  const places = placesOf(text, wanted);
  if (places.length === 0) throw notFound(text, edit);
  const lines = lineNumbers(text, places);
  if (places.length > 1 && edit.replace_all !== true) {
    const list = lines.length > 10 ? `${lines.slice(0, 10).join(', ')}, ...` : lines.join(', ');
    throw new ToolFailure(
      `old_string matches ${places.length} times in ${edit.file_path} (lines ${list}). Add surrounding lines until it is unique, or set replace_all.`,
    );
  }
  const replacement = end === '\r\n' ? withLineEnd(edit.new_string, end) : edit.new_string;
  return { text: text.split(wanted).join(replacement), count: places.length, lines };
}

function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function lineNumbers(text: string, places: readonly number[]): number[] {
  const lines: number[] = [];
  let line = 1;
  let from = 0;
  for (const place of places) {
    for (let at = text.indexOf('\n', from); at >= 0 && at < place; at = text.indexOf('\n', at + 1)) line += 1;
    from = place;
    lines.push(line);
  }
  return lines;
}

function notFound(text: string, edit: EditInput): ToolFailure {
  const start = `old_string is not in ${edit.file_path}. `;
  const unnumbered = edit.old_string.replaceAll(/^ *\d+\t/gm, '');
  if (unnumbered !== edit.old_string && placesOf(text, withLineEnd(unnumbered, lineEnd(text))).length > 0) {
    return new ToolFailure(`${start}It is there without the line numbers: leave number and tab out.`);
  }
  const loose = looseMatch(text, edit.old_string);
  if (loose !== undefined) {
    return new ToolFailure(
      `${start}Line ${loose} ff. differs in white space only: copy the text exactly as Read shows it.`,
    );
  }
  const count = edit.old_string.trimEnd().split('\n').length;
  return new ToolFailure(`${start}Read the file again and copy the ${counted(count, 'line')} exactly.`);
}

/** The first line from which all lines equal the wanted ones but for white space. */
function looseMatch(text: string, wanted: string): number | undefined {
  const squeeze = (line: string): string => line.replaceAll(/\s+/g, ' ').trim();
  const target = wanted.trim().split('\n').map(squeeze);
  if (target.join('') === '') return undefined;
  const lines = text.split('\n').map(squeeze);
  const at = lines.findIndex((_, index) => target.every((line, offset) => lines[index + offset] === line));
  return at < 0 ? undefined : at + 1;
}
