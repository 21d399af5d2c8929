// Owns: what is asked of a final text, at work: output_schema and a pattern, judged beforehand and held against it at the end.
// Promises: the value that passes satisfies the schema as it was given, whatever form of it the API enforced.
// Never: repairs a result; asks the model (the loop does, with the texts from here).
import { AworkersError } from './contract/errors.ts';

export type OutputCheck =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly string[] };

const maxProblems = 10;

/** Throws 'usage' when the schema cannot be checked. */
export async function assertOutputSchema(schema: Readonly<Record<string, unknown>>): Promise<void> {
  const { schemaProblems } = await import('./schema/judge.ts');
  const problems = schemaProblems(schema);
  if (problems.length === 0) return;
  const hint = 'Correct the schema, or leave out what it cannot say.';
  throw new AworkersError('usage', `output_schema: ${problems.slice(0, maxProblems).join('; ')}.`, hint);
}

/** Judges a final text: JSON alone, or in one fenced block. The schema must have passed assertOutputSchema. */
export async function checkOutput(schema: Readonly<Record<string, unknown>>, text: string): Promise<OutputCheck> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const { valueProblems } = await import('./schema/validate.ts');
  const problems = valueProblems(schema, parsed.value);
  return problems.length === 0 ? parsed : { ok: false, problems: [...new Set(problems)].slice(0, maxProblems) };
}

/** Why a `matches` check cannot use the pattern; undefined: it can. */
export async function judgePattern(pattern: string): Promise<string | undefined> {
  const { patternProblem } = await import('./schema/pattern.ts');
  return patternProblem(pattern, 'm');
}

/** Why the text fails the pattern; undefined: it matches. */
export async function mismatch(pattern: string, text: string): Promise<string | undefined> {
  const { matchPattern } = await import('./schema/pattern.ts');
  const matched = matchPattern(pattern, 'm', text);
  if (matched === true) return undefined;
  return matched === false ? 'the result does not match' : `the pattern ${matched.problem}`;
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
