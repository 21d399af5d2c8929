// Owns: the JSON Schema that tools/list shows for a zod schema.
// Promises: a plain object at the root, draft 7 (what SDK clients compile); no bound that only says "a safe integer".
// Never: checks a value: input is parsed by contract/parse.ts, whose words we choose.
import { z } from 'zod';

export type ObjectSchema = { readonly type: 'object'; readonly [key: string]: unknown };

export function jsonSchemaOf(schema: z.ZodObject): ObjectSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input', // objects stay open in output schemas: a field more must not break a client
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return { ...json, type: 'object' };
}
