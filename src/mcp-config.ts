// Owns: where the entries of MCP servers come from: files given by flag, the project's .mcp.json, an agent file.
// Promises: a malformed file is an error with path and place; the project's file counts only when the project is trusted; of two
// entries of one name the nearest wins: agent file, then the files in the order given, then the project's.
// Never: starts a server.
import { readFile } from 'node:fs/promises';
import type { AgentType } from './agent-types.ts';
import type { AppConfig } from './app-config.ts';
import { serverFiles } from './config-check.ts';
import { AworkersError, errorText } from './contract/errors.ts';
import { didYouMean } from './contract/parse.ts';
import { jsonPlaces } from './json-place.ts';
import { type ConfigWorld, readServers, type ServerConfig } from './mcp-client/index.ts';

/** Servers for every worker. */
export async function configuredServers(config: AppConfig, world: ConfigWorld): Promise<readonly ServerConfig[]> {
  const files = await Promise.all(serverFiles(config).map((path) => readServerFile(path, world)));
  return unambiguous(files.flat());
}

/** With those of an agent file: names of servers there are, or entries of its own. */
export function withAgentServers(
  configured: readonly ServerConfig[],
  { mcp_servers, source }: Pick<AgentType, 'mcp_servers' | 'source'>,
  world: ConfigWorld,
): readonly ServerConfig[] {
  if (mcp_servers === undefined || source === null) return configured;
  const own: ServerConfig[] = [];
  for (const item of Array.isArray(mcp_servers) ? (mcp_servers as unknown[]) : [mcp_servers]) {
    if (typeof item === 'string') {
      assertThere(item, configured, source);
      continue;
    }
    const read = readServers(item, source, world);
    if ('problem' in read) throw malformed(`${source}: mcpServers: ${read.problem}`);
    own.push(...read.servers);
  }
  return unambiguous([...own, ...configured]);
}

function assertThere(name: string, configured: readonly ServerConfig[], source: string): void {
  const names = configured.map((server) => server.name);
  if (names.includes(name)) return;
  const there = names.length === 0 ? 'None is configured: pass --mcp-config.' : `There are: ${names.join(', ')}.`;
  const what = `${source}: mcpServers names "${name}", which is not configured${didYouMean(name, names) || '.'}`;
  throw new AworkersError('usage', what, there);
}

async function readServerFile(path: string, world: ConfigWorld): Promise<readonly ServerConfig[]> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new AworkersError('usage', `${path} cannot be read: ${errorText(cause)}.`, 'Check --mcp-config.', { cause });
  }
  const places = jsonPlaces(text);
  if (!places.ok) throw malformed(`${path}:${places.place}: expected ${places.expected} here`);
  const value = JSON.parse(text) as unknown;
  if (typeof value !== 'object' || value === null || !('mcpServers' in value)) {
    throw malformed(`${path}:1:1: there is no "mcpServers"`);
  }
  const read = readServers(value.mcpServers, path, world);
  if (!('problem' in read)) return read.servers;
  throw malformed(`${path}:${places.placeOf(['mcpServers', ...read.path])}: ${read.problem}`);
}

function unambiguous(servers: readonly ServerConfig[]): readonly ServerConfig[] {
  const byName = new Map(servers.toReversed().map((server) => [server.name, server])); // the first of a name stays
  const kept = [...byName.values()].toReversed();
  for (const server of kept) {
    const twin = kept.find((other) => other !== server && other.id === server.id);
    if (twin === undefined) continue;
    const where = `"${server.name}" (${server.source}) and "${twin.name}" (${twin.source})`;
    throw malformed(`the MCP servers ${where} would both be mcp__${server.id} to a worker`);
  }
  return kept;
}

function malformed(problem: string): AworkersError {
  return new AworkersError('usage', `${problem}.`, 'Correct it; nothing was started.');
}
