// Owns: several values in one text, separated by commas.
// Promises: a comma inside brackets, or inside double quotes outside of them, belongs to its value; values are trimmed, empty ones are left out.

export function splitList(text: string): string[] {
  const values = [''];
  let depth = 0;
  let quoted = false;
  for (const character of text) {
    if (character === '"' && depth === 0) quoted = !quoted;
    if (!quoted && '([{'.includes(character)) depth += 1;
    if (!quoted && ')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth <= 0 && !quoted) values.push('');
    else values[values.length - 1] += character;
  }
  return values.map((value) => value.trim()).filter((value) => value !== '');
}
