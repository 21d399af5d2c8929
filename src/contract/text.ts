// Owns: cutting a text to a length, counting things in words, problems as a sentence.
// Promises: half a character never stays; lengths are UTF-16 units, the ellipsis counted.
// Never: looks at what a text says, or knows a locale.

/** At most `length` units of it, from the start. */
export function beginning(text: string, length: number): string {
  const end = Math.max(0, length);
  return text.slice(0, /[\ud800-\udbff]$/.test(text.slice(0, end)) && end < text.length ? end - 1 : end);
}

/** As it is when it is short enough, else its beginning and an ellipsis, `length` units together. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${beginning(text, length - 1)}…`;
}

/** 1234567 -> 1,234,567 */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Joined, with an end: a last one that asks something has its own. */
export function inOneSentence(problems: readonly string[]): string {
  const text = problems.join('; ');
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** "1 file", "2 files", "1,200 files". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
