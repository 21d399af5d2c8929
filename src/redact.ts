// Owns: keeping the credentials of this process out of what tools return.
// Promises: none of them stands in a result or a preview as it is, however a command came by it (/proc/PID/environ of a parent).
// Never: finds one that was encoded or cut: against that there are the gate and the sandbox.
import type { ContentBlock } from './contract/message.ts';
import type { Tool, ToolOutput, Toolset } from './contract/ports.ts';

const holdsSecret = /^(ANTHROPIC|CLAUDE)_.*(KEY|TOKEN|SECRET|HEADERS)/;
/** Shorter ones stand in ordinary text. */
const leastLength = 8;
const mark = '[redacted]';

/** Credentials of the environment, longest first: one may begin with another. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env)
    .filter(([name]) => holdsSecret.test(name.toUpperCase()))
    .flatMap(([name, value = '']) =>
      name.toUpperCase().endsWith('HEADERS') ? value.split('\n').map((line) => line.replace(/^[^:]*:/, '')) : [value],
    )
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= leastLength)
    .toSorted((a, b) => b.length - a.length);
}

export function redacted(toolset: Toolset, secrets: readonly string[]): Toolset {
  if (secrets.length === 0) return toolset;
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, mark), text);
  const tools = new Map<string, Tool>();
  for (const [name, tool] of toolset.tools) tools.set(name, redactedTool(tool, clean));
  return { tools, specs: toolset.specs, close: () => toolset.close() };
}

function redactedTool(tool: Tool, clean: (text: string) => string): Tool {
  return {
    ...tool,
    run: async (...call) => cleanOutput(await tool.run(...call), clean),
    ...(tool.preview === undefined
      ? {}
      : {
          preview: async (...call) => {
            const preview = await tool.preview?.(...call);
            return preview === undefined ? undefined : clean(preview);
          },
        }),
    ...(tool.forward === undefined
      ? {}
      : {
          forward: (input) => {
            const forwarded = tool.forward?.(input) ?? '';
            if (typeof forwarded === 'string') return forwarded;
            return { ...forwarded, tool: redactedTool(forwarded.tool, clean) };
          },
        }),
  };
}

function cleanOutput({ content, is_error }: ToolOutput, clean: (text: string) => string): ToolOutput {
  if (typeof content === 'string') return { content: clean(content), is_error };
  return { content: content.map((block) => cleanBlock(block, clean)), is_error };
}

function cleanBlock(block: ContentBlock, clean: (text: string) => string): ContentBlock {
  return block.type === 'text' && 'text' in block && typeof block.text === 'string'
    ? { ...block, text: clean(block.text) }
    : block;
}
