// Owns: text in the log of GitHub Actions, where the runner obeys a line that begins with "::name::" or holds "##[name]".
// Promises: what a model wrote is never such a command, on whichever stream: a text stays as it is between two lines that switch
// commands off and on, JSON keeps its value, a line of our own keeps its words.
// Never: changes a text that holds no command.

/** What the runner trims, and what it may skip over when it compares: controls and characters without a width. */
const blank = String.raw`[^\p{L}\p{N}\p{P}\p{S}\r\n]*`;
const hidden = String.raw`[^\p{L}\p{N}\p{P}\p{S}\p{Z}\t\r\n]*`;
const atStart = new RegExp(String.raw`((?:^|[\r\n])${blank}):(${hidden}):`, 'gu');
const anywhere = new RegExp(String.raw`#(${hidden})#(${hidden})\[`, 'gu');

export function shielded(text: string): string {
  if (!text.match(atStart) && !text.match(anywhere)) return text;
  const token = crypto.randomUUID(); // what the model cannot know, it cannot say
  return `::stop-commands::${token}\n${text.replace(/\n$/, '')}\n::${token}::`;
}

/** `text` is JSON: both characters stand in its strings alone. */
export function shieldedJson(text: string): string {
  return text.replaceAll(anywhere, String.raw`#$1\u0023$2[`);
}

export function defused(text: string): string {
  return text.replaceAll(atStart, '$1: $2:').replaceAll(anywhere, '# $1#$2[');
}
