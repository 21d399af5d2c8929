// Owns: the order of roles: who speaks first, who may speak last, what may be empty.
// Promises: an assistant message may come last only as prefill, where the model takes it, or as a paused reply sent back.
// Never: looks inside tool blocks.
import { type Call, thinkingMode } from './call.ts';
import type { Issued } from './issued.ts';
import { chainsOf } from './prefix-chain.ts';
import { invalid, type Problems } from './problem.ts';

export function* roleProblems(call: Call, issued: Issued): Problems {
  const { messages } = call;
  if (messages.length === 0) yield invalid('messages: at least one message is required');
  if (messages[0]?.role !== 'user') yield invalid('messages: first message must use the "user" role');
  for (const [index, message] of messages.entries()) {
    const finalAssistant = index === messages.length - 1 && message.role === 'assistant';
    if (message.content.length === 0 && !finalAssistant) {
      yield invalid(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    if (message.role !== 'system') continue;
    const [before, after] = [messages[index - 1]?.role, messages[index + 1]?.role];
    if (before !== 'user') yield invalid(`messages.${index}: a system message must follow a user message`);
    if (after !== undefined && after !== 'assistant') {
      yield invalid(`messages.${index}: a system message must come last or be followed by an assistant message`);
    }
  }
  yield* prefillProblems(call, issued);
}

function* prefillProblems(call: Call, issued: Issued): Problems {
  const last = call.messages.at(-1);
  if (last?.role !== 'assistant') return;
  if (issued.mayContinue(chainsOf(call).end)) return;
  if (!call.model.prefill) {
    yield invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  const first = last.content[0];
  if (thinkingMode(call) === 'enabled') yield mustStartWithThinking(call.messages.length - 1, first?.type ?? 'text');
  const text = last.content.at(-1);
  if (text?.type !== 'text') return;
  const value = String(text['text']);
  if (value.trim() === '') yield invalid('messages: text content blocks must contain non-whitespace text');
  if (/\s$/.test(value)) yield invalid('messages: final assistant content cannot end with trailing whitespace');
}

export function mustStartWithThinking(index: number, found: string): ReturnType<typeof invalid> {
  return invalid(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${found}\`. ` +
      'When `thinking` is enabled, a final `assistant` message must start with a thinking block ' +
      '(preceding the lastmost set of `tool_use` and `tool_result` blocks).',
  );
}
