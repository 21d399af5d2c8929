// Owns: an option written as text, in a sweep or a cell of a CSV file, as its value.
// Promises: numbers, booleans and JSON where the option takes them; what does not fit stays text, which the schema then refuses.
import { type WorkerOptions, workerOptionsSchema } from '../contract/options.ts';
import { splitList } from './split-list.ts';

export type OptionName = keyof WorkerOptions;

const words: ReadonlySet<OptionName> = new Set(['model', 'effort', 'permission_mode', 'cwd', 'isolation']);
const lists: ReadonlySet<OptionName> = new Set(['allowed_tools', 'disallowed_tools']);

export function optionFromText(name: OptionName, text: string): unknown {
  if (words.has(name) && !text.startsWith('{')) return text;
  if (lists.has(name)) return splitList(text);
  const value = jsonOr(text);
  return name === 'thinking' && typeof value === 'number' ? { budget_tokens: value } : value;
}

export function optionProblem(name: OptionName, value: unknown): string | undefined {
  return workerOptionsSchema().shape[name].safeParse(value).error?.issues[0]?.message;
}

/** The value, or the text itself when it is not JSON. */
export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // the schema says what it must be
  }
}
