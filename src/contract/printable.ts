// Owns: what may be shown (on a terminal, in a page) of text that a model, a tool or a file wrote.
// Promises: no control sequence gets through, so nothing can move the cursor, hide part of a command or rename the window;
// characters that reorder or hide text are shown as escapes. Line breaks and tabs stay.
// Never: touches text that goes to a pipe or a file as it is.

// C0 and C1 controls (but tab and newline), DEL, soft hyphen, zero-width and bidirectional controls, line separators, tags.
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu; // eslint-disable-line no-control-regex

export function printable(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replaceAll(unsafe, escapeOf);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** `text` is JSON as JSON.stringify writes it, where such characters stand in strings alone: it stays the same JSON. */
export function printableJson(text: string): string {
  return text.replaceAll(unsafe, jsonEscapeOf);
}

function jsonEscapeOf(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
