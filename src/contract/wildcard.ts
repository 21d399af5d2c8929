// Owns: text against a pattern in which "*" stands for any text, split at the stars.
// Promises: linear, whatever the input: no piece is tried twice at one place.

/** The first piece at the start, the last at the end, the others between in order. */
export function matchesPieces(pieces: readonly string[], text: string): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
