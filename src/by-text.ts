// Owns: what the text of a file was parsed to, for as long as the file holds the same text.
// Promises: the text itself is compared, so what comes back is never older than what was read; a parse that throws is not kept;
// bounded.
// Never: reads a file.

const mostFiles = 500;
const mostChars = 100_000;

/** `parse` must depend on nothing but its arguments, and nobody may change what it returned. */
export function byText<T>(parse: (text: string, path: string) => T): (text: string, path: string) => T {
  const known = new Map<string, { readonly text: string; readonly value: T }>();
  return (text, path) => {
    const last = known.get(path);
    if (last?.text === text) return last.value;
    const value = parse(text, path);
    if (known.size >= mostFiles) known.clear();
    if (text.length <= mostChars) known.set(path, { text, value });
    return value;
  };
}
