// Owns: reading the text of an agent file: front matter and body.
// Promises: pure; a BOM and CRLF are tolerated; what cannot be meant is an error with file and line; what we do not do becomes a notice.
// Never: decides whether the file may have what it asks for (agent-types.ts).
import { isMap, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { AworkersError, errorText } from './contract/errors.ts';
import { type Notice, type PermissionMode, type WorkerOptions, workerOptionsSchema } from './contract/options.ts';
import { didYouMean, tryParse } from './contract/parse.ts';

export type AgentFile = {
  readonly path: string;
  /** undefined: the front matter has none, or there is no front matter. */
  readonly name: string | undefined;
  readonly description: string;
  readonly hasFrontMatter: boolean;
  readonly role: string;
  /** Entries as written; undefined: not named, all tools. */
  readonly tools: readonly string[] | undefined;
  /** Where `tools` stands, for errors. */
  readonly toolsLine: number;
  readonly disallowed: readonly string[];
  readonly options: WorkerOptions;
  readonly permission_mode: PermissionMode | undefined;
  readonly mcp_servers: unknown;
  readonly notices: readonly Notice[];
};

const list = z.union([z.string(), z.array(z.string())], { error: 'must be a list or a text with commas' }).nullish();
const { model, temperature, top_p, top_k, max_tokens, thinking, effort, isolation, max_turns } =
  workerOptionsSchema.shape;

const frontMatterSchema = z.object({
  name: z
    .string()
    .regex(/^(?!-)[^:]+$/, 'must not be empty, hold ":" or begin with "-"')
    .optional(),
  description: z.string().nullish(),
  tools: list,
  disallowedTools: list,
  model: model.nullable(),
  permissionMode: z
    .enum(['default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions', 'plan', 'manual'])
    .nullish(),
  maxTurns: max_turns.nullable(),
  effort: effort.nullable(),
  isolation: isolation.nullable(),
  temperature: temperature.nullable(),
  top_p: top_p.nullable(),
  top_k: top_k.nullable(),
  max_tokens: max_tokens.nullable(),
  thinking: thinking.nullable(),
  mcpServers: z.unknown().optional(),
});
type FrontMatter = z.infer<typeof frontMatterSchema>;

/** Known elsewhere, without a meaning here. */
const harmless = ['color', 'background', 'type', 'version', 'author', 'license', 'metadata'];
const unsupported = ['hooks', 'skills', 'memory', 'initialPrompt'];
const knownKeys = [...Object.keys(frontMatterSchema.shape), ...harmless, ...unsupported];

export function parseAgentFile(source: string, path: string): AgentFile {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const { yaml, body } = split(text, path);
  const { values, lineOf } = yaml === undefined ? { values: {}, lineOf: () => 1 } : readYaml(yaml, path);
  const known = tryParse(frontMatterSchema, values);
  if (!known.ok) {
    const [problem = 'is not valid'] = known.problems;
    throw fault(path, lineOf(problem.split(/[.:]/)[0] ?? ''), problem);
  }
  if (body.trim() === '') throw fault(path, text.split('\n').length, 'there is no text after the front matter');
  const fields = known.value;
  const mode = fields.permissionMode ?? undefined;
  return {
    path,
    name: fields.name,
    description: fields.description ?? '',
    hasFrontMatter: yaml !== undefined,
    role: body.trim(),
    tools: fields.tools === undefined || fields.tools === null ? undefined : entries(fields.tools),
    toolsLine: lineOf('tools'),
    disallowed: entries(fields.disallowedTools ?? []),
    options: optionsOf(fields),
    permission_mode: mode === 'manual' ? 'default' : mode === 'auto' ? undefined : mode,
    mcp_servers: fields.mcpServers ?? undefined,
    notices: noticesOf(values, mode),
  };
}

/** An agent file's mistake: file, line, what is wrong. */
export function fault(path: string, line: number, problem: string, hint = 'Correct the file.'): AworkersError {
  return new AworkersError('usage', `${path}:${line}: ${problem}.`, hint);
}

function split(text: string, path: string): { readonly yaml: string | undefined; readonly body: string } {
  if (!/^---[ \t]*\n/.test(text)) return { yaml: undefined, body: text };
  const start = text.indexOf('\n') + 1;
  const end = /^---[ \t]*$/m.exec(text.slice(start));
  if (end === null) throw fault(path, 1, 'the front matter is not closed by a line "---"');
  return { yaml: text.slice(start, start + end.index), body: text.slice(start + end.index + end[0].length) };
}

function readYaml(
  yaml: string,
  path: string,
): { readonly values: Readonly<Record<string, unknown>>; readonly lineOf: (key: string) => number } {
  const counter = new LineCounter();
  const document = parseDocument(quoteDescription(yaml), { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number): number => counter.linePos(offset).line + 1; // the first line is "---"
  const [error] = document.errors;
  if (error !== undefined)
    throw fault(path, lineAt(error.pos[0]), `the front matter is not valid YAML: ${error.message}`);
  if (document.contents === null) return { values: {}, lineOf: () => 1 };
  if (!isMap(document.contents)) throw fault(path, 2, 'the front matter must be "key: value" lines');
  const map: YAMLMap = document.contents;
  const lineOf = (key: string): number => {
    const pair = map.items.find((item) => String(item.key) === key);
    const range = (pair?.key as { readonly range?: readonly number[] } | undefined)?.range;
    return range?.[0] === undefined ? 1 : lineAt(range[0]);
  };
  try {
    return { values: document.toJS() as Readonly<Record<string, unknown>>, lineOf };
  } catch (cause) {
    throw fault(path, 2, `the front matter is not valid YAML: ${errorText(cause)}`); // an alias bomb
  }
}

/** Descriptions in the wild hold unquoted ": " and "#", which YAML refuses or cuts. Line numbers stay. */
function quoteDescription(yaml: string): string {
  return yaml.replace(/^description:[ \t]+(?!["'|>[{&*!])(.*(?:: |:$| #).*)$/m, (_, text: string) => {
    return `description: ${JSON.stringify(text.trim())}`;
  });
}

/** "Read, Agent(a, b)" -> its entries; commas within parentheses do not separate. */
function entries(value: string | readonly string[]): string[] {
  const parts = typeof value === 'string' ? value.split(/,(?![^(]*\))/) : value;
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function optionsOf(fields: FrontMatter): WorkerOptions {
  const { temperature, top_p, top_k, max_tokens, thinking, effort, isolation } = fields;
  const model = fields.model === 'inherit' ? undefined : fields.model;
  const given = {
    model,
    temperature,
    top_p,
    top_k,
    max_tokens,
    thinking,
    effort,
    isolation,
    max_turns: fields.maxTurns,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}

function noticesOf(values: Readonly<Record<string, unknown>>, mode: FrontMatter['permissionMode']): Notice[] {
  const notice = (key: string, reason: string): Notice => ({
    option: `agent_type.${key}`,
    requested: values[key],
    sent: null,
    reason,
  });
  return [
    ...unsupported.filter((key) => values[key] !== undefined).map((key) => notice(key, `Workers have no ${key}.`)),
    ...Object.keys(values)
      .filter((key) => !knownKeys.includes(key))
      .map((key) => notice(key, `Not a key of agent files${didYouMean(key, knownKeys) || '.'}`)),
    ...(mode === 'auto' ? [notice('permissionMode', 'Workers have no mode "auto".')] : []),
  ];
}
