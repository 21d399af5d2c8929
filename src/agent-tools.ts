// Owns: which tools an agent file gets of those it names.
// Promises: a tool that does not exist is said, and none at all is an error; a denied tool is not offered.
// Never: judges a call (the permission rules do).
import type { AgentFile } from './agent-file.ts';
import type { Notice } from './contract/options.ts';
import { fault } from './front-matter.ts';

const coreTools: readonly string[] = ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'WebFetch', 'Write'];

/** `known`: names of the tools there are. */
export function offeredTools(
  file: AgentFile,
  known: readonly string[] = coreTools,
): { readonly tools: readonly string[] | 'all'; readonly notices: readonly Notice[] } {
  if (file.tools === undefined || file.tools.includes('*')) return { tools: 'all', notices: [] };
  // Agent is the other name of Task.
  const nameOf = (entry: string) => {
    const name = entry.replace(/\(.*$/, '');
    return name === 'Agent' && known.includes('Task') ? 'Task' : name;
  };
  const bare = file.tools.map(nameOf);
  const tools = [...new Set(bare)].filter((name) => known.includes(name) || name.startsWith('mcp__'));
  if (tools.length === 0 && bare.length > 0) {
    const hint = `Name at least one of ${known.join(', ')}.`;
    throw fault(file.path, file.toolsLine, `none of its tools exists: ${bare.join(', ')}`, hint);
  }
  const removed = new Set(file.disallowed);
  const notice = (requested: unknown, reason: string): Notice => {
    return { option: 'agent_type.tools', requested, sent: tools, reason };
  };
  const missing = bare.filter((name) => !tools.includes(name));
  const limited = file.tools.filter((entry) => entry.includes('(') && tools.includes(nameOf(entry)));
  return {
    tools: tools.filter((name) => !removed.has(name)),
    notices: [
      ...(missing.length > 0 ? [notice(missing, `Workers have no such tools; they have ${known.join(', ')}.`)] : []),
      ...(limited.length > 0
        ? [notice(limited, 'Each is offered whole: limits on its calls are set by permission rules.')]
        : []),
    ],
  };
}
