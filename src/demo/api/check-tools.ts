// Owns: tool definitions and the schema of structured output.
// Promises: custom tools in full; server and Anthropic-defined tools by their type string alone.
// Never: checks a tool's input against its schema (the API does not either).
import { z } from 'zod';
import type { Call } from './call.ts';
import { invalid, type Problems } from './problem.ts';
import { cacheControlShape } from './request-shape.ts';
import { fits } from './shape.ts';

const customTool = z.strictObject({
  type: z.literal('custom').nullable().optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  cache_control: cacheControlShape.nullable().optional(),
  defer_loading: z.boolean().optional(),
  allowed_callers: z.array(z.string()).optional(),
  input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
  eager_input_streaming: z.boolean().nullable().optional(),
});

const definedTools =
  /^(bash|text_editor|memory|computer|browser|computer_toolset|browser_toolset|web_search|web_fetch|code_execution|advisor|tool_search_tool_regex|tool_search_tool_bm25)(_20\d{6})?$|^mcp_toolset$/;

export function* toolProblems(call: Call): Problems {
  const names = new Set<unknown>();
  for (const [at, tool] of call.tools.entries()) {
    yield* oneToolProblems(tool, at);
    const name = tool['name'];
    if (name !== undefined && names.has(name)) yield invalid('tools: Tool names must be unique.');
    names.add(name);
  }
  const strict = call.tools.filter((tool) => tool['strict'] === true);
  if (strict.length > 20) yield invalid(`tools: at most 20 tools may be strict, found ${strict.length}`);
}

export function* outputFormatProblems(call: Call): Problems {
  const schema = call.body.output_config?.format?.schema;
  if (schema !== undefined) yield* closedProblems(schema, 'output_config.format.schema');
}

function* oneToolProblems(tool: Readonly<Record<string, unknown>>, at: number): Problems {
  const { type } = tool;
  if (typeof type === 'string' && type !== 'custom') {
    if (!definedTools.test(type)) {
      yield invalid(`tools.${at}: Input tag '${type}' found using 'type' does not match any of the expected tags`);
    }
    return;
  }
  const path = `tools.${at}.custom`;
  const fit = fits(customTool, tool, path);
  if ('problem' in fit) {
    yield invalid(fit.problem);
    return;
  }
  if (fit.value.strict === true) yield* closedProblems(fit.value.input_schema, `${path}.input_schema`);
}

/** Objects of a compiled schema must be closed, at every depth. */
function* closedProblems(schema: unknown, path: string): Problems {
  if (Array.isArray(schema)) {
    for (const inner of schema) yield* closedProblems(inner, path);
    return;
  }
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Readonly<Record<string, unknown>>;
  const isObject = node['type'] === 'object' || (Array.isArray(node['type']) && node['type'].includes('object'));
  if (isObject && node['additionalProperties'] !== false) {
    yield invalid(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  }
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const children = node[keyword];
    if (typeof children === 'object' && children !== null) {
      for (const child of Object.values(children)) yield* closedProblems(child, path);
    }
  }
  for (const keyword of ['items', 'anyOf', 'allOf', 'oneOf']) yield* closedProblems(node[keyword], path);
}
