// Owns: what a person is shown of a plan before saying yes.
// Promises: a unified diff of each file; values that look like credentials are hidden.
// Never: writes.
import { type Change, changesFile } from './change.ts';
import { textOf } from './place.ts';

export async function diffOf(change: Change): Promise<string | undefined> {
  if (!changesFile(change)) return undefined;
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const { place, after } = change;
  const text = (bytes: Buffer | undefined) =>
    bytes === undefined ? '' : textOf(bytes, place.shown).text.replaceAll('\r\n', '\n');
  if (place.name.endsWith('.md')) return wholeFile(change);
  const from = place.bytes === undefined ? '/dev/null' : place.shown;
  const to = after === undefined ? '/dev/null' : place.shown;
  const patch = createTwoFilesPatch(from, to, text(place.bytes), text(after), undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch.split('\n').map(hideCredential).join('\n');
}

/** Text of our own is named, not printed: it would bury the changes that need a look. */
function wholeFile({ place, after }: Change): string {
  const lines = `${(after ?? place.bytes ?? '').toString('utf8').trimEnd().split('\n').length} lines`;
  if (after === undefined) return `--- ${place.shown} (${lines}, removed)`;
  return `+++ ${place.shown} (${lines}, ${place.bytes === undefined ? 'new' : 'replaced'})`;
}

const credential =
  /((?:key|token|secret|password|authorization|credential)[\w-]*["']?\s*[:=]\s*)(["'])(?!\$)(?:\\.|(?!\2).)*\2/gi;

/** References to variables are no secrets; a value is. */
function hideCredential(line: string): string {
  return line.replaceAll(credential, '$1$2…$2');
}
