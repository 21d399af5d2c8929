// Owns: what the six tools have in common: schema to spec, failures to results, clean text.
// Promises: a bound tool never throws; every text it returns is well-formed and not empty.
// Never: knows a single tool.
import { z } from 'zod';
import { errorText } from '../contract/errors.ts';
import type { ContentBlock } from '../contract/message.ts';
import type { Access, JudgedCall } from '../contract/permission.ts';
import type { Tool, ToolOutput, ToolSpec } from '../contract/ports.ts';

/** What is fixed about a tool, for every worker. The description and the schema are product text, paid on every turn. */
export type ToolDefinition<Input extends z.ZodObject = z.ZodObject> = {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  readonly access: Access;
  readonly sideBySide?: boolean;
};

type Bound<Input extends z.ZodObject> = {
  readonly run: (
    input: z.infer<Input>,
    signal: AbortSignal,
    call: JudgedCall,
  ) => Promise<string | readonly ContentBlock[]>;
  readonly preview?: (input: z.infer<Input>, call: JudgedCall) => Promise<string | undefined>;
};

/** An expected failure. Its message is the result that the model reads: what happened, then what to try. */
export class ToolFailure extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ToolFailure';
  }
}

/** Of a caller that stands for the call itself: no tool opens a path for it. */
const unjudged: JudgedCall = { tool_use_id: '' };

export function bindTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>, bound: Bound<Input>): Tool {
  const { preview } = bound;
  // The port hands over what this very schema parsed.
  const typed = (input: Readonly<Record<string, unknown>>) => input as z.infer<Input>;
  return {
    ...definition,
    async run(input, signal, call = unjudged) {
      try {
        return output(await bound.run(typed(input), signal, call), false);
      } catch (error) {
        return output(isAbort(error, signal) ? 'Interrupted; it may have run in part.' : errorText(error), true);
      }
    },
    ...(preview === undefined ? {} : { preview: (input, call = unjudged) => preview(typed(input), call) }),
  };
}

export function toSpec(definition: ToolDefinition): ToolSpec {
  const { $schema: _, ...schema } = z.toJSONSchema(definition.input, { override: dropIntegerRange });
  return { name: definition.name, description: definition.description, input_schema: schema };
}

/** By the caller's signal, or by the closing of the toolset. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof ToolFailure) return false;
  return signal.aborted || (error instanceof Error && error.name === 'AbortError');
}

function output(content: string | readonly ContentBlock[], isError: boolean): ToolOutput {
  if (typeof content !== 'string') return { content, is_error: isError };
  const text = content.toWellFormed().replaceAll('\0', '\u2400');
  return { content: text.trim() === '' ? '(no output)' : text, is_error: isError };
}

/** zod writes the range of safe integers into every integer: 60 characters that tell the model nothing. */
function dropIntegerRange({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
