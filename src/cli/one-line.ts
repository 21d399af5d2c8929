// Owns: text of unknown origin as one line of a terminal.
// Never: touches text that goes to a pipe or a file.
import { printable } from '../contract/printable.ts';
import { clip } from '../contract/text.ts';

/** At most `width` characters, cut with an ellipsis. */
export function oneLine(text: string, width: number): string {
  return clip(printable(text).replaceAll(/\s+/g, ' ').trim(), width);
}
