// Owns: looks at the file system that many workers make as they begin, made once for all that are at it together.
// Promises: a look is shared by what is already waiting to run as it is made, and by nothing later: no reading, writing or
// waiting comes in between. A look that throws is made again.
// Never: for what a tool opens: the gate and the tools look for each call anew.

const open = new Set<Map<string, unknown>>();

/** `look` must only look; its first argument says at what. Nobody may change what it returned. */
export function sharedLook<Args extends readonly [string, ...unknown[]], T>(
  look: (...args: Args) => T,
): (...args: Args) => T {
  const seen = new Map<string, { readonly value: T }>();
  return (...args) => {
    const known = seen.get(args[0]);
    if (known !== undefined) return known.value;
    const value = look(...args);
    if (open.size === 0) queueMicrotask(forget);
    open.add(seen);
    seen.set(args[0], { value });
    return value;
  };
}

function forget(): void {
  for (const seen of open) seen.clear();
  open.clear();
}
