// Owns: one line at the bottom of a terminal that is drawn over and over.
// Promises: it never mixes with other output: whoever writes clears it first; nothing of it without a terminal.
// Never: knows what it says.
import { oneLine } from './one-line.ts';
import type { TerminalWritable } from './io.ts';

export type StatusLine = {
  /** '' takes it away. */
  readonly set: (text: string) => void;
  readonly clear: () => void;
  readonly draw: () => void;
};

const eraseLine = '\r\u001b[2K';

export function statusLine(stream: TerminalWritable): StatusLine {
  let text = '';
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write(eraseLine);
    drawn = false;
  };
  const draw = () => {
    if (text === '' || stream.isTTY !== true || !stream.writable) return;
    stream.write(`${eraseLine}${oneLine(text, (stream.columns ?? 80) - 1)}`);
    drawn = true;
  };
  return {
    clear,
    draw,
    set: (next) => {
      text = next;
      if (text === '') clear();
      else draw();
    },
  };
}
