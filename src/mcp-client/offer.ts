// Owns: which servers and tools a worker is offered, and whether its tools stand in the prompt or are searched for.
// Promises: pure; a name that leads nowhere is an error that says what there is.
// Never: connects, or decides what may run (the gate does).
import { AworkersError } from '../contract/errors.ts';
import type { Notice } from '../contract/options.ts';
import { didYouMean } from '../contract/parse.ts';
import type { McpPlan } from '../contract/task.ts';
import type { CatalogTool } from './catalog.ts';
import type { ServerConfig } from './config.ts';
import { inputSchemaFor } from './input-schema.ts';
import { concernsServer, covers, coversServer, mcpNames } from './names.ts';

export type Wish = {
  /** Of an agent file; 'all' when it names none. */
  readonly tools: 'all' | readonly string[];
  /** A deny rule takes the tool away; for mcp__server__* the whole server. */
  readonly removes: (tool: string) => boolean;
  /** Rules of the options that allow. */
  readonly allowed: readonly string[];
};

type Listed = { readonly config: ServerConfig; readonly tools: readonly CatalogTool[] };

/** Tools that take more than this in every request are left to McpSearch. */
const mostPromptTokens = 8_000;
const charactersPerToken = 4;

/** The servers that the worker needs. Throws 'usage' for a name of a server that is not there. */
export function neededServers(wish: Wish, configured: readonly ServerConfig[]): readonly ServerConfig[] {
  const named = [...(wish.tools === 'all' ? [] : mcpNames(wish.tools)), ...mcpNames(wish.allowed)];
  for (const name of named) {
    if (name.startsWith('mcp__*') || configured.some(({ id }) => concernsServer(name, id))) continue;
    const ids = configured.map(({ id }) => `mcp__${id}`);
    const there = ids.length === 0 ? 'None is configured: pass --mcp-config.' : `There are: ${ids.join(', ')}.`;
    throw new AworkersError('usage', `No MCP server fits the tool "${name}"${didYouMean(name, ids) || '.'}`, there);
  }
  return configured.filter(({ id }) => isWanted(wish.tools, id) && !wish.removes(`mcp__${id}__*`));
}

/** What is offered of the listed servers. Throws 'usage' for a named tool that its server does not have. */
export function offered(
  wish: Wish,
  listed: readonly Listed[],
): { readonly plan: McpPlan; readonly notices: readonly Notice[] } {
  checkNames(wish, listed);
  const wanted = listed.map(({ config, tools }) => ({ config, tools: tools.filter(({ name }) => fits(wish, name)) }));
  const wholesale = wanted.filter(({ config }) => !config.alwaysLoad && isWholesale(wish.tools, config.id));
  const cost = tokens(wholesale.flatMap(({ tools }) => tools));
  const searched = cost > mostPromptTokens ? wholesale : [];
  const direct = wanted.filter((server) => !searched.includes(server));
  const unfit: string[] = [];
  const tools = direct.flatMap(({ config, tools: each }) =>
    each.flatMap(({ name, tool, description, schema, claimsReadOnly }) => {
      const input_schema = inputSchemaFor(schema);
      if (input_schema === undefined) unfit.push(name);
      return input_schema === undefined
        ? []
        : [{ name, server: config.name, tool, description, input_schema, claims_read_only: claimsReadOnly }];
    }),
  );
  const search = searched.length === 0 ? null : searchPlan(searched);
  const plan = { servers: wanted.map(({ config: { name, source } }) => ({ name, source })), tools, search };
  return {
    plan,
    notices: [
      ...(search === null ? [] : [searchNotice(searched, cost)]),
      ...(unfit.length === 0 ? [] : [unfitNotice(unfit)]),
      ...wanted.filter((server) => server.tools.length === 0).map(({ config }) => emptyNotice(config)),
    ],
  };
}

function isWanted(tools: Wish['tools'], id: string): boolean {
  return tools === 'all' || tools.some((pattern) => pattern === '*' || concernsServer(pattern, id));
}

function isWholesale(tools: Wish['tools'], id: string): boolean {
  return tools === 'all' || tools.some((pattern) => pattern === '*' || coversServer(pattern, id));
}

function fits({ tools, removes }: Wish, name: string): boolean {
  const wanted = tools === 'all' || tools.some((pattern) => pattern === '*' || covers(pattern, name));
  return wanted && !removes(name);
}

function checkNames(wish: Wish, listed: readonly Listed[]): void {
  const named = [...(wish.tools === 'all' ? [] : mcpNames(wish.tools)), ...mcpNames(wish.allowed)];
  for (const name of named.filter((each) => !each.includes('*'))) {
    const server = listed.find(({ config }) => name.startsWith(`mcp__${config.id}__`));
    if (server === undefined || server.tools.some((tool) => tool.name === name)) continue;
    const names = server.tools.map((tool) => tool.name);
    const more = names.length > 20 ? `, and ${names.length - 20} more` : '';
    throw new AworkersError(
      'usage',
      `MCP server "${server.config.name}" has no tool "${name}"${didYouMean(name, names) || '.'}`,
      `It offers: ${names.slice(0, 20).join(', ') || 'none'}${more}.`,
    );
  }
}

function tokens(tools: readonly CatalogTool[]): number {
  const text = JSON.stringify(tools.map(({ name, description, schema }) => ({ name, description, schema })));
  return Math.ceil(text.length / charactersPerToken);
}

function searchPlan(servers: readonly Listed[]): McpPlan['search'] {
  const about = servers.map(({ config, tools }) => `${config.id} (${tools.length} tools)`).join(', ');
  return {
    servers: servers.map(({ config }) => config.name),
    description: `Finds tools of the connected MCP servers: ${about}. Returns their names, descriptions and input schemas; call one with McpCall. Search before you decide that something cannot be done.`,
  };
}

function searchNotice(servers: readonly Listed[], cost: number): Notice {
  return {
    option: 'mcp_servers',
    requested: servers.map(({ config }) => config.name),
    sent: ['McpSearch', 'McpCall'],
    reason: `Their tools would take about ${cost} tokens of every request (limit ${mostPromptTokens}), so the worker searches for them. alwaysLoad: true in a server's entry keeps its tools in the prompt.`,
  };
}

function unfitNotice(names: readonly string[]): Notice {
  const reason = 'The Messages API does not take the names of their input properties.';
  return { option: 'mcp_servers', requested: names, sent: null, reason };
}

function emptyNotice({ name }: ServerConfig): Notice {
  return { option: 'mcp_servers', requested: name, sent: null, reason: 'None of its tools is offered to this worker.' };
}
