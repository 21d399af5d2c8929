// Owns: from flags to worker options.
// Promises: every bad value is named by its flag, with what it must be; only options that were given are set.
// Never: defaults an option.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { jsonOr } from '../batch/option-text.ts';
import { splitList } from '../batch/split-list.ts';
import { AworkersError, errorText } from '../contract/errors.ts';
import { type WorkerOptions, workerOptionsSchema } from '../contract/options.ts';
import { inOneSentence } from '../contract/text.ts';
import type { Values } from './command.ts';
import type { permissionFlags, workerFlags } from './flags.ts';

type OptionFlags = Values<typeof workerFlags> & Pick<Values<typeof permissionFlags>, 'permission-mode'>;

const whole = 'a whole number of at least 1';
const amount = 'a number greater than 0';

type OptionName = keyof WorkerOptions;

/** What a value must be, in words; options without words take any text. */
const ranges: Readonly<Partial<Record<OptionName, string>>> = {
  temperature: 'a number from 0 to 1',
  top_p: 'a number from 0 to 1',
  top_k: whole,
  max_tokens: whole,
  max_turns: whole,
  max_cost_usd: amount,
  timeout_seconds: amount,
  thinking: 'true, false, or a budget of at least 1024 tokens',
  output_schema: 'a JSON Schema object, or @file',
};

export function workerOptionsFrom(flags: OptionFlags, cwd: string): WorkerOptions {
  const problems: string[] = [];
  const given: Record<string, unknown> = {
    model: flags.model,
    temperature: numberIn(flags.temperature),
    top_p: numberIn(flags['top-p']),
    top_k: numberIn(flags['top-k']),
    max_tokens: numberIn(flags['max-tokens']),
    thinking: thinkingIn(flags.thinking),
    effort: flags.effort,
    strict: flags.strict ? true : undefined,
    max_turns: numberIn(flags['max-turns']),
    max_cost_usd: numberIn(flags['max-cost-usd']),
    timeout_seconds: numberIn(flags['timeout-seconds']),
    permission_mode: flags['permission-mode'],
    allowed_tools: rulesIn(flags['allowed-tools']),
    disallowed_tools: rulesIn(flags['disallowed-tools']),
    cwd: flags.cwd === undefined ? undefined : resolve(cwd, flags.cwd),
    isolation: flags.isolation === 'dirty-worktree' ? { type: 'worktree', dirty: true } : flags.isolation,
    output_schema: schemaIn(flags['output-schema'], cwd, problems),
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  for (const [name, value] of Object.entries(options)) {
    const key = name as OptionName;
    const parsed = workerOptionsSchema().shape[key].safeParse(value);
    if (!parsed.success) problems.push(problemOf(key, flags, parsed.error.issues[0]?.message ?? 'is not valid'));
  }
  if (problems.length > 0) throw new AworkersError('usage', inOneSentence(problems), '');
  return options;
}

/** Several rules in one value are separated by commas; a comma inside parentheses belongs to its rule. */
export function splitRules(values: readonly string[]): string[] {
  return values.flatMap(splitList);
}

/** The number, or the text itself, which the schema then refuses. */
export function numberIn(text: string | undefined): number | string | undefined {
  return text !== undefined && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
}

function problemOf(option: OptionName, flags: OptionFlags, message: string): string {
  const range = ranges[option];
  const flag = option.replaceAll('_', '-');
  const given: unknown = Object.entries(flags).find(([name]) => name === flag)?.[1];
  return range === undefined ? `--${flag}: ${message}` : `--${flag} must be ${range}, not ${JSON.stringify(given)}`;
}

function thinkingIn(text: string | undefined): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  const value = numberIn(text);
  if (typeof value === 'number') return { budget_tokens: value };
  return value?.startsWith('{') ? jsonOr(value) : value;
}

function rulesIn(values: readonly string[]): readonly string[] | undefined {
  const rules = splitRules(values);
  return rules.length === 0 ? undefined : rules;
}

function schemaIn(text: string | undefined, cwd: string, problems: string[]): unknown {
  if (text === undefined) return undefined;
  const file = text.startsWith('@') ? resolve(cwd, text.slice(1)) : undefined;
  try {
    return JSON.parse(file === undefined ? text : readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    problems.push(`--output-schema${file === undefined ? '' : ` ${file}`}: ${errorText(error)}`);
    return undefined;
  }
}
