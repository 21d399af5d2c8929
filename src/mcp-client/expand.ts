// Owns: ${VAR} and ${VAR:-default} in the entries of a server.
// Promises: an unset variable without a default is collected, never left in the text as if it were a value.
// Never: hands out a credential of ours or of the model's host: ANTHROPIC_*, CLAUDE* and AWORKERS_* count as unset.

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const kept = /^(ANTHROPIC_|CLAUDE|AWORKERS_)/i;

export function expand(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  unset: { add(name: string): unknown },
): string {
  return text.replaceAll(reference, (_, name: string, fallback: string | undefined) => {
    const value = kept.test(name) ? undefined : env[name];
    if (value === undefined && fallback === undefined) unset.add(name);
    return value ?? fallback ?? '';
  });
}
