// Owns: the shape of each content block a client may send, and where it may stand.
// Promises: fields beyond the documented ones are refused by name; server tool results and blocks this server sent pass whole.
// Never: rules across blocks (check-tool-pairs.ts, check-history.ts).
import { z } from 'zod';
import { cacheControlShape } from './request-shape.ts';

const cache_control = cacheControlShape.nullable().optional();
const anything = z.looseObject({});

const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  citations: z.array(anything).nullable().optional(),
  cache_control,
});
const image = z.strictObject({ type: z.literal('image'), source: z.looseObject({ type: z.string() }), cache_control });
const document = z.strictObject({
  type: z.literal('document'),
  source: z.looseObject({ type: z.string() }),
  title: z.string().nullable().optional(),
  context: z.string().nullable().optional(),
  citations: anything.nullable().optional(),
  cache_control,
});
const search_result = z.strictObject({
  type: z.literal('search_result'),
  source: z.string(),
  title: z.string(),
  content: z.array(text),
  citations: anything.optional(),
  cache_control,
});
const tool_reference = z.strictObject({ type: z.literal('tool_reference'), tool_name: z.string(), cache_control });
const browser_state = z.looseObject({ type: z.literal('browser_state') });

const idPattern = /^[a-zA-Z0-9_-]+$/;

const tool_result = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(idPattern),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).optional(),
  is_error: z.boolean().optional(),
  toolset_name: z.string().nullable().optional(),
  cache_control,
});
const toolUse = {
  id: z.string().regex(idPattern),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  caller: z.looseObject({ type: z.string() }).optional(),
  cache_control,
};
const tool_use = z.strictObject({
  type: z.literal('tool_use'),
  ...toolUse,
  toolset_name: z.string().nullable().optional(),
});
const server_tool_use = z.strictObject({ type: z.literal('server_tool_use'), ...toolUse });
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted_thinking = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string().min(1) });
const container_upload = z.strictObject({ type: z.literal('container_upload'), file_id: z.string(), cache_control });

type Shapes = Readonly<Record<string, z.ZodType>>;

export const userBlocks: Shapes = { text, image, document, search_result, tool_result, container_upload };
export const assistantBlocks: Shapes = {
  text,
  thinking,
  redacted_thinking,
  tool_use,
  server_tool_use,
  container_upload,
  document,
};
export const systemBlocks: Shapes = { text };
export const resultBlocks: Shapes = { text, image, document, search_result, tool_reference, browser_state };
