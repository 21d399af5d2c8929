// Owns: the string formats that a schema may ask for.
// Promises: a format that is not here constrains nothing, as the standard has it.
import { z } from 'zod';

const known = {
  'date-time': z.iso.datetime({ offset: true }),
  date: z.iso.date(),
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/),
  duration: z.iso.duration(),
  email: z.email(),
  hostname: z.hostname(),
  uri: z.url(),
  uuid: z.guid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
} as const;

export const formats: Readonly<Record<string, (text: string) => boolean>> = Object.fromEntries(
  Object.entries(known).map(([name, schema]) => [name, (text: string) => schema.safeParse(text).success]),
);
