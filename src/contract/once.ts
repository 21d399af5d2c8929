// Owns: a value that is made when it is first asked for.
// Promises: made once; the same value every time after.
// Never: for what is cheap. It is for schemas: made as files load, their hundreds of parts were a third of every start.
import type { z } from 'zod';

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** What a schema that `once` makes gives when it parses. */
export type Read<S extends () => z.ZodType> = Readonly<z.infer<ReturnType<S>>>;
