// Owns: reading the text of an agent file: front matter and body.
// Promises: pure; a BOM and CRLF are tolerated; what cannot be meant is an error with file and line; what we do not do becomes a notice.
// Never: decides whether the file may have what it asks for (agent-types.ts).
import { z } from 'zod';
import { byText } from './by-text.ts';
import { type Notice, type PermissionMode, type WorkerOptions, workerOptionsSchema } from './contract/options.ts';
import { once, type Read } from './contract/once.ts';
import { didYouMean, tryParse } from './contract/parse.ts';
import { fault, readFrontMatter } from './front-matter.ts';

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

const frontMatterSchema = once(() => {
  const list = z.union([z.string(), z.array(z.string())], { error: 'must be a list or a text with commas' }).nullish();
  const { model, temperature, top_p, top_k, max_tokens, thinking, effort, isolation, max_turns } =
    workerOptionsSchema().shape;

  return z.object({
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
});
type Fields = Read<typeof frontMatterSchema>;

/** Known elsewhere, without a meaning here. */
const harmless = ['color', 'background', 'type', 'version', 'author', 'license', 'metadata'];
const unsupported = ['hooks', 'skills', 'memory', 'initialPrompt'];
const knownKeys = once((): readonly string[] => [
  ...Object.keys(frontMatterSchema().shape),
  ...harmless,
  ...unsupported,
]);

export const parseAgentFile = byText((source, path): AgentFile => {
  const { values: given, body, lineOf, lastLine } = readFrontMatter(source, path);
  const values = given ?? {};
  const known = tryParse(frontMatterSchema(), values);
  if (!known.ok) {
    const [problem = 'is not valid'] = known.problems;
    throw fault(path, lineOf(problem.split(/[.:]/)[0] ?? ''), problem);
  }
  if (body.trim() === '') throw fault(path, lastLine, 'there is no text after the front matter');
  const fields = known.value;
  const mode = fields.permissionMode ?? undefined;
  return {
    path,
    name: fields.name,
    description: fields.description ?? '',
    hasFrontMatter: given !== undefined,
    role: body.trim(),
    tools: fields.tools === undefined || fields.tools === null ? undefined : entries(fields.tools),
    toolsLine: lineOf('tools'),
    disallowed: entries(fields.disallowedTools ?? []),
    options: optionsOf(fields),
    permission_mode: mode === 'manual' ? 'default' : mode === 'auto' ? undefined : mode,
    mcp_servers: fields.mcpServers ?? undefined,
    notices: noticesOf(values, mode),
  };
});

/** "Read, Agent(a, b)" -> its entries; commas within parentheses do not separate. */
function entries(value: string | readonly string[]): string[] {
  const parts = typeof value === 'string' ? value.split(/,(?![^(]*\))/) : value;
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function optionsOf(fields: Fields): WorkerOptions {
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

function noticesOf(values: Readonly<Record<string, unknown>>, mode: Fields['permissionMode']): Notice[] {
  const notice = (key: string, reason: string): Notice => ({
    option: `agent_type.${key}`,
    requested: values[key],
    sent: null,
    reason,
  });
  return [
    ...unsupported.filter((key) => values[key] !== undefined).map((key) => notice(key, `Workers have no ${key}.`)),
    ...Object.keys(values)
      .filter((key) => !knownKeys().includes(key))
      .map((key) => notice(key, `Not a key of agent files${didYouMean(key, knownKeys()) || '.'}`)),
    ...(mode === 'auto' ? [notice('permissionMode', 'Workers have no mode "auto".')] : []),
  ];
}
