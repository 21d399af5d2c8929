// Owns: whether a model on a host has the API's own web search, and the tool as it is sent.
// Promises: only what the data says; the same model and host give the same tool.
// Never: decides whether a worker may have it (the rules do).
import type { ServerTool } from '../contract/ports.ts';
import { type FactTable, factsOf } from './facts.ts';
import type { Host } from './host.ts';

/** Searches of one request; each has its price. */
const maxUses = 10;

/** The tool, or why there is none. */
export function webSearchTool(id: string, host: Host, facts: FactTable): ServerTool | string {
  const { tool, hosts, models } = facts.web_search;
  if (!models.includes(factsOf(id, facts)?.id ?? id)) {
    return `${id} is not known to have it. If it has: {"web_search": {"models": ["${id}"]}} in AWORKERS_MODELS_FILE.`;
  }
  if (!host.anthropic && hosts === 'anthropic') {
    return `${host.baseUrl} is not Anthropic's own. If it has it: {"web_search": {"hosts": "any"}} in AWORKERS_MODELS_FILE.`;
  }
  return { type: tool, name: 'web_search', max_uses: maxUses };
}
