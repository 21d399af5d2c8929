// Owns: the names under which workers know servers and their tools: mcp__server__tool.
// Promises: pure and stable: a name follows from the server's and the tool's own names alone; at most 64 characters that the API
// takes; different tools have different names; a server's id holds no "__", so that a name splits in one way only.
// Never: judges a call by a name (the permission rules do).
import { createHash } from 'node:crypto';
import { matchesPieces } from '../contract/wildcard.ts';

const maxName = 64;
const maxServer = 32;

export function serverId(server: string): string {
  const plain = server
    .replaceAll(/[^a-zA-Z0-9_-]/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .replaceAll(/^_|_$/g, '');
  return plain !== '' && plain.length <= maxServer ? plain : marked(plain, server, maxServer).replace(/^_/, '');
}

export function toolName(server: string, tool: string): string {
  const plain = tool.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
  const prefix = `mcp__${serverId(server)}__`;
  const room = maxName - prefix.length;
  return prefix + (plain === tool && plain !== '' && plain.length <= room ? plain : marked(plain, tool, room));
}

/** A name that had to change carries a mark of what it stood for. */
function marked(plain: string, original: string, limit: number): string {
  const mark = createHash('sha256').update(original).digest('hex').slice(0, 6);
  return `${plain.slice(0, limit - mark.length - 1).replace(/_+$/, '')}_${mark}`;
}

/** True when `pattern` (mcp__server, mcp__server__*, mcp__*, an exact name) names this tool. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  if (!pattern.includes('*')) return isServer(pattern) && name.startsWith(`${pattern}__`);
  return matchesPieces(pattern.split('*'), name);
}

/** True when it names all tools of the server, whatever they are called. */
export function coversServer(pattern: string, id: string): boolean {
  return pattern === `mcp__${id}` || (pattern.endsWith('*') && `mcp__${id}__`.startsWith(pattern.slice(0, -1)));
}

/** True when it may name a tool of the server. */
export function concernsServer(pattern: string, id: string): boolean {
  return coversServer(pattern, id) || pattern.startsWith(`mcp__${id}__`) || covers(pattern, `mcp__${id}__`);
}

/** "Agent(x)" and "mcp__a__b" -> the bare names; those of MCP tools alone. */
export function mcpNames(rules: readonly string[]): readonly string[] {
  return rules.map((rule) => rule.replace(/\(.*$/s, '').trim()).filter((name) => name.startsWith('mcp__'));
}

function isServer(pattern: string): boolean {
  return pattern.startsWith('mcp__') && !pattern.slice('mcp__'.length).includes('__');
}
