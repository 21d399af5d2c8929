// Owns: output_schema at work: judging the schema at spawn, and a worker's final text at the end.
// Promises: the value that passes satisfies the schema as it was given, whatever form of it the API enforced.
// Never: repairs a result; asks the model (the loop does, with the texts from here).
import { AworkersError } from './contract/errors.ts';
import { schemaProblems } from './schema/judge.ts';
import { valueProblems } from './schema/validate.ts';

export type OutputCheck =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly string[] };

const maxProblems = 10;

/** Throws 'usage' when the schema cannot be checked. */
export function assertOutputSchema(schema: Readonly<Record<string, unknown>>): void {
  const problems = schemaProblems(schema);
  if (problems.length === 0) return;
  const hint = 'Correct the schema, or leave out what it cannot say.';
  throw new AworkersError('usage', `output_schema: ${problems.slice(0, maxProblems).join('; ')}.`, hint);
}

/** Judges a final text: JSON alone, or in one fenced block. The schema must have passed assertOutputSchema. */
export function checkOutput(schema: Readonly<Record<string, unknown>>, text: string): OutputCheck {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const problems = valueProblems(schema, parsed.value);
  return problems.length === 0 ? parsed : { ok: false, problems: [...new Set(problems)].slice(0, maxProblems) };
}

/** A context block that asks for the form. For every model: a native schema says the shape, not the limits. */
export function outputInstruction(schema: Readonly<Record<string, unknown>>): string {
  return `<output_format>\nYour last message must be one JSON value that satisfies this JSON Schema, and nothing else: no prose, no code fence.\n${JSON.stringify(schema)}\n</output_format>`;
}

function parseJson(text: string): OutputCheck {
  const bare = text.trim();
  const fenced = [...bare.matchAll(/```(?:json)?[ \t]*\n([\s\S]*?)\n?```/g)].map((match) => match[1] ?? '');
  const candidates = fenced.length === 1 ? [bare, ...fenced] : [bare];
  let reason = 'it is empty';
  for (const candidate of candidates) {
    try {
      if (candidate !== '') return { ok: true, value: JSON.parse(candidate) };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return { ok: false, problems: [`the result is not JSON: ${reason}`] };
}
