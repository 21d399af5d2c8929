// Owns: the tools of a plan's MCP servers, bound for one worker.
// Promises: opening connects to nothing; what the model sees is what the plan holds, to the byte; a call that McpCall passes on is
// judged and run as the tool that it names.
// Never: trusts readOnlyHint alone: a tool counts as reading only when the user's rules allow it besides.
import { z } from 'zod';
import { errorText } from '../contract/errors.ts';
import { didYouMean } from '../contract/parse.ts';
import type { Tool, ToolSpec } from '../contract/ports.ts';
import type { McpPlan } from '../contract/task.ts';
import type { CatalogTool } from './catalog.ts';
import type { Connection } from './connection.ts';
import { searchText } from './search.ts';

/** What the rules say of a tool as such. */
export type Rules = {
  /** They allow its every call. */
  readonly allows: (tool: string) => boolean;
  /** They take it away. */
  readonly removes: (tool: string) => boolean;
};

export type McpTools = { readonly tools: readonly Tool[]; readonly specs: readonly ToolSpec[] };

const anyInput = z.record(z.string(), z.unknown());
const searchInput = z.strictObject({ query: z.string().describe('Words of what you need, or a tool name.') });
const callInput = z.strictObject({
  tool: z.string().min(1).describe('A name that McpSearch gave, such as mcp__server__tool.'),
  input: anyInput.optional().describe('Its input, by the schema that McpSearch gave.'),
});
const callDescription = 'Calls a tool of an MCP server that McpSearch found.';

/** All that the model sees of a plan's servers. */
export function mcpToolNames({ tools, search }: McpPlan): readonly string[] {
  return [...tools.map(({ name }) => name), ...(search === null ? [] : ['McpCall', 'McpSearch'])];
}

export function openMcpTools(
  plan: McpPlan,
  connections: ReadonlyMap<string, Connection>,
  rules: Rules,
  bound: (text: string) => string,
): McpTools {
  const direct = plan.tools.flatMap(({ server, claims_read_only, ...tool }) => {
    const connection = connections.get(server);
    return connection === undefined
      ? []
      : [boundTool({ ...tool, claimsReadOnly: claims_read_only }, connection, rules)];
  });
  const specs = plan.tools.map(({ name, description, input_schema }) => ({ name, description, input_schema }));
  const { search } = plan;
  if (search === null) return { tools: direct, specs };
  const searched = search.servers.map((name) => connections.get(name)).filter((each) => each !== undefined);
  const searchTool = searching(search.description, searched, rules, bound);
  const callTool = calling(searched, rules);
  return {
    tools: [...direct, searchTool, callTool],
    specs: [...specs, specOf(searchTool, searchInput), specOf(callTool, callInput)],
  };
}

type Callable = Pick<CatalogTool, 'name' | 'tool' | 'description' | 'claimsReadOnly'>;

function boundTool({ name, tool, description, claimsReadOnly }: Callable, connection: Connection, rules: Rules): Tool {
  return {
    name,
    description,
    input: anyInput, // the server checks it
    access: claimsReadOnly && rules.allows(name) ? 'read' : 'execute',
    run: (input, signal) => connection.call(tool, input, signal),
  };
}

type Found = { readonly connection: Connection; readonly tool: CatalogTool };

function searching(
  description: string,
  servers: readonly Connection[],
  rules: Rules,
  bound: (text: string) => string,
): Tool {
  return {
    name: 'McpSearch',
    description,
    input: searchInput,
    access: 'read',
    async run(input, signal) {
      const { query } = searchInput.parse(input);
      const states = await Promise.allSettled(servers.map((server) => server.ready(signal)));
      const problems = states.flatMap((state) => (state.status === 'rejected' ? [errorText(state.reason)] : []));
      const tools = found(servers, rules).map(({ tool }) => tool);
      const text = bound([...problems, searchText(tools, query)].join('\n\n'));
      return { content: text, is_error: problems.length === servers.length };
    },
  };
}

function calling(servers: readonly Connection[], rules: Rules): Tool {
  return {
    name: 'McpCall',
    description: callDescription,
    input: callInput,
    access: 'execute',
    forward(input) {
      const { tool: name, input: inner = {} } = callInput.parse(input);
      const all = found(servers, rules);
      const target = all.find(({ tool }) => tool.name === name);
      if (target !== undefined) {
        return { tool: boundTool(target.tool, target.connection, rules), input: inner };
      }
      const names = all.map(({ tool }) => tool.name);
      return `There is no MCP tool named "${name}"${didYouMean(name, names) || '.'} Find its name with McpSearch.`;
    },
    run: () => Promise.resolve({ content: 'McpCall runs the tool that it names.', is_error: true }),
  };
}

function found(servers: readonly Connection[], rules: Rules): readonly Found[] {
  return servers.flatMap((connection) =>
    connection.catalog.filter(({ name }) => !rules.removes(name)).map((tool) => ({ connection, tool })),
  );
}

function specOf({ name, description }: Tool, input: z.ZodObject): ToolSpec {
  const { $schema: _, ...schema } = z.toJSONSchema(input);
  return { name, description, input_schema: schema };
}
