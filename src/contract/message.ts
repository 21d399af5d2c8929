// Owns: the Messages API message blocks as we store and replay them, and questions about one block.
// Promises: blocks are kept exactly as the API sent them; an unknown block type is carried, never dropped.
// Never: knows an SDK type, parses model text or builds a request.

export type TextBlock = { readonly type: 'text'; readonly text: string };

export type ToolUse = {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
};

export type ToolResult = {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly ContentBlock[];
  readonly is_error?: boolean;
};

/** Any other block (thinking, redacted_thinking, server tool blocks, types yet unknown): opaque, replayed as it came. */
type OpaqueBlock = { readonly type: string; readonly [key: string]: unknown };

export type ContentBlock = TextBlock | ToolUse | ToolResult | OpaqueBlock;

export type Message = {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly ContentBlock[];
};

/** Why a reply ended, in the API's spelling. Values outside this list arrive as they are: treat them as unknown. */
export type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'
  | 'compaction';

export type StopDetails = { readonly category?: string | null; readonly explanation?: string | null };

export function isText(block: ContentBlock): block is TextBlock {
  return block.type === 'text' && typeof block['text' as keyof typeof block] === 'string';
}

export function isToolUse(block: ContentBlock): block is ToolUse {
  return block.type === 'tool_use';
}

export function isToolResult(block: ContentBlock): block is ToolResult {
  return block.type === 'tool_result';
}

export function toBlocks(content: Message['content']): readonly ContentBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** The visible text of a message, blocks joined by a blank line; '' when it has none. */
export function textOf(content: Message['content']): string {
  if (typeof content === 'string') return content;
  return content
    .filter(isText)
    .map((block) => block.text)
    .filter((text) => text.trim() !== '')
    .join('\n\n');
}

/** The newest text the model wrote, '' while there is none: what there is of a worker that did not finish. */
export function lastText(messages: readonly Message[]): string {
  const said = messages.findLast(({ role, content }) => role === 'assistant' && textOf(content) !== '');
  return said === undefined ? '' : textOf(said.content);
}
