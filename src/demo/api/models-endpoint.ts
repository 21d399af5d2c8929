// Owns: GET /v1/models and /v1/models/{id}.
// Promises: capabilities agree with what POST /v1/messages enforces, as both read the model table.
// Never: says more than the table knows.
import { type EffortLevel, findModel, type ModelRow, type ThinkingType } from './model-table.ts';

const thinkingTypes: readonly ThinkingType[] = ['adaptive', 'enabled', 'disabled', 'between_tools'];
const effortLevels: readonly EffortLevel[] = ['low', 'medium', 'high', 'xhigh', 'max'];

function modelInfo(row: ModelRow): Readonly<Record<string, unknown>> {
  const supported = (on: boolean): { readonly supported: boolean } => ({ supported: on });
  return {
    type: 'model',
    id: row.id,
    display_name: row.id,
    created_at: '1970-01-01T00:00:00Z',
    deprecated_at: null,
    lifecycle: 'active',
    line: /^claude-([a-z]+)/.exec(row.id)?.[1] ?? null,
    max_input_tokens: row.context,
    max_tokens: row.maxOutput,
    retires_at: null,
    capabilities: {
      batch: supported(true),
      effort: {
        supported: row.efforts.length > 0,
        ...Object.fromEntries(effortLevels.map((level) => [level, supported(row.efforts.includes(level))])),
      },
      structured_outputs: supported(true),
      thinking: {
        supported: row.thinking.length > 0,
        types: Object.fromEntries(thinkingTypes.map((type) => [type, supported(row.thinking.includes(type))])),
      },
    },
  };
}

/** One page, newest first. `after_id` and `limit` as documented. */
export function modelPage(rows: readonly ModelRow[], query: URLSearchParams): Readonly<Record<string, unknown>> {
  const limit = Number(query.get('limit') ?? 20);
  const after = query.get('after_id');
  const start = after === null ? 0 : rows.findIndex((row) => row.id === after) + 1;
  const page = rows.slice(start, start + limit);
  return {
    data: page.map(modelInfo),
    has_more: start + limit < rows.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function modelById(rows: readonly ModelRow[], id: string): Readonly<Record<string, unknown>> | undefined {
  const row = findModel(rows, id);
  return row === undefined ? undefined : modelInfo(row);
}
