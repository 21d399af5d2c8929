// Owns: the shape of a request body: which fields exist under which API version and beta, and their types.
// Promises: a body that parses here is typed for every later check; nothing beyond the documented fields passes.
// Never: rules that need the model or two fields at once (those are check-*.ts).
import { z } from 'zod';

export const apiVersions = ['2023-06-01', '2026-10-21'] as const;

export const cacheControlShape = z.strictObject({
  type: z.literal('ephemeral'),
  ttl: z.enum(['5m', '1h']).optional(),
});
export type CacheControl = z.infer<typeof cacheControlShape>;

const block = z.looseObject({ type: z.string() });
export type WireBlock = Readonly<z.infer<typeof block>>;

const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(block)]),
});

const display = z.enum(['summarized', 'omitted', 'updates']).nullable().optional();
const blockBinding = z.strictObject({ prefix_mismatch_behavior: z.enum(['error', 'drop_block']) });

const thinking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), display, block_binding: blockBinding.optional() }),
  z.strictObject({
    type: z.literal('enabled'),
    budget_tokens: z.int(),
    display,
    block_binding: blockBinding.optional(),
  }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('between_tools') }),
]);

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...parallel }),
  z.strictObject({ type: z.literal('any'), ...parallel }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal('none') }),
]);

const outputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullable().optional(),
  format: z
    .strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) })
    .nullable()
    .optional(),
});

const promptFields = {
  model: z.string().min(1),
  messages: z.array(message).max(100_000),
  system: z.union([z.string(), z.array(block)]).optional(),
  thinking: thinking.optional(),
  output_config: outputConfig.optional(),
  tools: z.array(z.looseObject({})).optional(),
  tool_choice: toolChoice.optional(),
  cache_control: cacheControlShape.nullable().optional(),
  speed: z.enum(['standard', 'fast']).nullable().optional(),
};

const messagesFields = {
  ...promptFields,
  max_tokens: z.int().min(0),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string().min(1)).optional(),
  metadata: z.strictObject({ user_id: z.string().max(512).nullable().optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  inference_geo: z.string().nullable().optional(),
  container: z.string().nullable().optional(),
  diagnostics: z.looseObject({ previous_message_id: z.string().nullable().optional() }).nullable().optional(),
};

const samplingFields = {
  temperature: z.number().min(0).max(1).nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
  top_k: z.int().min(0).nullable().optional(),
};

/** Fields that exist only with one of the named beta headers. Their inside is not checked. */
const betaFields: Readonly<Record<string, readonly string[]>> = {
  context_management: ['context-management-2025-06-27', 'compact-2026-01-12'],
  compaction: ['compact-2026-09-04'],
  mcp_servers: ['mcp-client-2025-11-20', 'mcp-client-2026-09-15'],
  fallbacks: ['server-side-fallback-2026-06-01', 'server-side-fallback-2026-07-01'],
  thread: ['message-threads-2026-08-12'],
};

const full = z.strictObject({ ...messagesFields, ...samplingFields });
/** A body after the shape check, of either endpoint: count_tokens bodies have no max_tokens. */
export type RequestBody = Omit<z.infer<typeof full>, 'max_tokens'> & {
  readonly max_tokens?: number;
  readonly [betaField: string]: unknown;
};

export type Endpoint = 'messages' | 'count_tokens';

export function bodyShape(endpoint: Endpoint, version: string, betas: ReadonlySet<string>): z.ZodType<RequestBody> {
  const gated = Object.entries(betaFields).filter(([, headers]) => headers.some((header) => betas.has(header)));
  return z.strictObject({
    ...(endpoint === 'messages' ? messagesFields : promptFields),
    ...(version === '2023-06-01' ? samplingFields : {}),
    ...Object.fromEntries(gated.map(([name]) => [name, z.unknown().optional()])),
  }) as unknown as z.ZodType<RequestBody>;
}
