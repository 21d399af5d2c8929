// Owns: from the entries of a .mcp.json, or of an agent file's mcpServers, to servers that can be started.
// Promises: pure; a malformed entry is a problem with its place; what only keeps one server from starting (a variable that is
// not set, a transport that we do not speak) is that server's fault and stops no other.
// Never: starts anything; expands a credential of the model's host.
import { z } from 'zod';
import { nearest, tryParse } from '../contract/parse.ts';
import { expand } from './expand.ts';
import { isSelf, type Self } from './is-self.ts';
import { serverId } from './names.ts';

export type Launch =
  | {
      readonly type: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly type: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  /** It cannot be started, for this reason: a sentence. */
  | { readonly type: 'fault'; readonly reason: string }
  /** It is aworkers: a worker would start its own manager. */
  | { readonly type: 'self' };

export type ServerConfig = {
  readonly name: string;
  readonly id: string;
  /** Path of the file that names it. */
  readonly source: string;
  readonly launch: Launch;
  /** Longest call. */
  readonly timeoutMs: number | undefined;
  /** Its tools stand in the prompt, however many they are. */
  readonly alwaysLoad: boolean;
};

export type ConfigWorld = { readonly env: Readonly<Record<string, string | undefined>>; readonly self: Self };

/** `path`: keys from the entries' own level to the mistake. */
export type ConfigProblem = { readonly path: readonly string[]; readonly problem: string };

const texts = z.record(z.string(), z.string());
const entrySchema = z.looseObject({
  type: z.string().optional(),
  command: z.string().min(1, 'must not be empty').optional(),
  args: z.array(z.string()).optional(),
  env: texts.optional(),
  url: z.string().min(1, 'must not be empty').optional(),
  headers: texts.optional(),
  timeout: z.number().gt(0, 'must be greater than 0').optional(),
  alwaysLoad: z.boolean().optional(),
});
type Entry = z.infer<typeof entrySchema>;
const keys = Object.keys(entrySchema.shape);

const unsupported: Readonly<Record<string, string>> = {
  sse: 'Its transport "sse" is not supported: workers reach servers over stdio and streamable HTTP. Use the server\'s "http" address.',
  ws: 'Its transport "ws" is not supported: workers reach servers over stdio and streamable HTTP.',
};

/** `entries`: what stands under mcpServers. */
export function readServers(
  entries: unknown,
  source: string,
  world: ConfigWorld,
): { readonly servers: readonly ServerConfig[] } | ConfigProblem {
  const servers: ServerConfig[] = [];
  const named = z.record(z.string(), z.unknown()).safeParse(entries);
  if (!named.success) return { path: [], problem: 'must be an object of servers by name' };
  for (const [name, value] of Object.entries(named.data)) {
    const parsed = tryParse(entrySchema, value);
    if (!parsed.ok) {
      const problem = parsed.problems[0] ?? 'is not valid';
      return { path: [name, problem.split(/[.:]/)[0] ?? ''], problem: `${name}.${problem}` };
    }
    const problem = problemOf(name, parsed.value, servers);
    if (problem !== undefined) return { path: [name], problem };
    servers.push(serverOf(name, parsed.value, source, world));
  }
  return { servers };
}

function problemOf(name: string, entry: Entry, before: readonly ServerConfig[]): string | undefined {
  const { type = entry.url === undefined ? 'stdio' : 'http' } = entry;
  const strange = Object.keys(entry).find((key) => !keys.includes(key) && isMistyped(key));
  if (strange !== undefined) return `${name}: unknown key "${strange}", did you mean "${nearest(strange, keys)}"?`;
  if (type === 'stdio' && entry.command === undefined) return `${name}: a server over stdio needs a command`;
  if (isHttp(type) && entry.url === undefined) return `${name}: a server over HTTP needs a url`;
  if (!isHttp(type) && type !== 'stdio' && unsupported[type] === undefined) {
    return `${name}.type: "${type}" is none of stdio, http`;
  }
  const twin = before.find((server) => server.id === serverId(name));
  return twin === undefined
    ? undefined
    : `${name}: it and "${twin.name}" would both be mcp__${twin.id} to a worker; rename one`;
}

/** Other programs' keys are theirs; one that is nearly ours is a slip that would go unseen. */
function isMistyped(key: string): boolean {
  return key.length > 2 && nearest(key, keys) !== undefined;
}

function isHttp(type: string): boolean {
  return type === 'http' || type === 'streamable-http';
}

function serverOf(name: string, entry: Entry, source: string, world: ConfigWorld): ServerConfig {
  return {
    name,
    id: serverId(name),
    source,
    launch: launchOf(name, entry, world),
    timeoutMs: entry.timeout,
    alwaysLoad: entry.alwaysLoad ?? false,
  };
}

function launchOf(name: string, entry: Entry, { env, self }: ConfigWorld): Launch {
  const { type = entry.url === undefined ? 'stdio' : 'http' } = entry;
  const fault = unsupported[type];
  if (fault !== undefined) return { type: 'fault', reason: fault };
  if (entry['headersHelper'] !== undefined) {
    const reason = 'Its headersHelper is not supported: put the header into headers, its secret as ${VAR}.';
    return { type: 'fault', reason };
  }
  const unset = new Set<string>();
  const text = (value: string): string => expand(value, env, unset);
  const all = (values: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, text(value)]));
  const launch: Launch = isHttp(type)
    ? { type: 'http', url: text(entry.url ?? ''), headers: all(entry.headers) }
    : { type: 'stdio', command: text(entry.command ?? ''), args: (entry.args ?? []).map(text), env: all(entry.env) };
  if (isSelf(name, launch, self)) return { type: 'self' };
  if (unset.size > 0) {
    const names = [...unset].map((variable) => `\${${variable}}`).join(', ');
    return { type: 'fault', reason: `${names} is not set and has no default (\${VAR:-default}).` };
  }
  if (launch.type === 'http' && !/^https?:$/.test(URL.canParse(launch.url) ? new URL(launch.url).protocol : '')) {
    return { type: 'fault', reason: 'Its url is no http or https address.' };
  }
  return launch;
}
