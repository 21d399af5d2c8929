// Owns: what a server offers, in the words of workers.
// Promises: descriptions are clean and bounded; a name stands for one tool.
// Never: trusts an annotation: readOnlyHint is carried as the server's claim.
import { beginning } from '../contract/text.ts';
import type { ListedTool } from './sdk.ts';
import { toolName } from './names.ts';

export type CatalogTool = {
  /** mcp__server__tool. */
  readonly name: string;
  /** The server's own name for it. */
  readonly tool: string;
  readonly description: string;
  /** As the server gave it. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly claimsReadOnly: boolean;
};

const maxDescription = 2_000;

export function catalogOf(
  server: string,
  listed: readonly ListedTool[],
  clean: (text: string) => string,
): readonly CatalogTool[] {
  const tools = listed.map((tool): CatalogTool => {
    const text = clean(tool.description ?? tool.title ?? tool.annotations?.title ?? tool.name).trim();
    return {
      name: toolName(server, tool.name),
      tool: tool.name,
      description: text.length > maxDescription ? `${beginning(text, maxDescription)} [cut]` : text,
      schema: { ...tool.inputSchema },
      claimsReadOnly: tool.annotations?.readOnlyHint === true,
    };
  });
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
