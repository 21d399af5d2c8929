// Owns: finding tools by words.
// Promises: pure and stable: the same words over the same tools give the same list; an exact name comes first.
import type { CatalogTool } from './catalog.ts';

const shown = 8;

/** What the model reads: the best matches whole, the rest by name. */
export function searchText(tools: readonly CatalogTool[], query: string): string {
  if (tools.length === 0) return 'No tool is offered.';
  const found = ranked(tools, query);
  if (found.length === 0) {
    return `No tool matches ${JSON.stringify(query)}. There are:\n${tools.map(({ name }) => `- ${name}`).join('\n')}`;
  }
  const more = found.slice(shown).map(({ name }) => name);
  const rest = more.length === 0 ? '' : `\n\nAlso: ${more.join(', ')}`;
  return `${found.slice(0, shown).map(describe).join('\n\n')}${rest}`;
}

function describe({ name, description, schema }: CatalogTool): string {
  return `## ${name}\n${description}\nInput: ${JSON.stringify(schema)}`;
}

function ranked(tools: readonly CatalogTool[], query: string): readonly CatalogTool[] {
  const words = query
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return tools;
  return tools
    .map((tool) => ({ tool, score: score(tool, words, query.trim()) }))
    .filter(({ score: points }) => points > 0)
    .toSorted((a, b) => b.score - a.score || (a.tool.name < b.tool.name ? -1 : 1))
    .map(({ tool }) => tool);
}

function score({ name, description }: CatalogTool, words: readonly string[], query: string): number {
  if (name === query) return Infinity;
  const [inName, inText] = [name.toLowerCase(), description.toLowerCase()];
  return words.reduce((sum, word) => sum + (inName.includes(word) ? 3 : 0) + (inText.includes(word) ? 1 : 0), 0);
}
