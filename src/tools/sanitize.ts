// Owns: making bytes of unknown origin into text that may stand in a message, a log and a terminal.
// Promises: the result is well-formed, holds no NUL, no escape sequence and no control character but tab and newline.
// Never: decides how much of it is kept (that is truncate.ts).
/* oxlint-disable no-control-regex */

const escapes =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])/g;
const overstrike = /[^\n]\u0008/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const controlOrSurrogate = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff]/;

/** Terminal output as a person would have seen it: colours gone, progress bars at their last state, CRLF as LF. */
export function cleanTerminal(text: string): string {
  const plain = text.replaceAll(escapes, '').replaceAll(overstrike, '').replaceAll('\r\n', '\n');
  return visible(plain.includes('\r') ? plain.split('\n').map(lastState).join('\n') : plain);
}

/** Control characters become their Unicode pictures, so that the reader knows that they are there. */
export function visible(text: string): string {
  return controlOrSurrogate.test(text) ? text.toWellFormed().replaceAll(controls, picture) : text;
}

/** True when this cannot be meant to be read: a NUL, or one character in ten that is none. */
export function looksBinary(text: string): boolean {
  const sample = text.slice(0, 8_192);
  if (sample.includes('\0')) return true;
  const odd = sample.match(/[\ufffd\u0001-\u0006\u000e-\u001a\u001c-\u001f]/g)?.length ?? 0;
  return odd > sample.length / 10;
}

function lastState(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? '';
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
