// Owns: text of unknown origin as one line of a terminal.
// Promises: as contract/printable.ts, which it stands before for this room.
// Never: touches text that goes to a pipe or a file.
import { printable } from '../contract/printable.ts';

export { printable };

/** One line, at most `width` characters, cut with an ellipsis. */
export function oneLine(text: string, width: number): string {
  const line = printable(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > width
    ? `${line
        .slice(0, width - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
    : line;
}
