// Owns: which text of a conversation is its result.
import { type Message, textOf } from '../contract/message.ts';

/** Text of the assistant messages at the end of the history (several after a pause_turn), '' when it ends with a user message. */
export function trailingText(messages: readonly Message[]): string {
  const start = messages.findLastIndex((message) => message.role === 'user') + 1;
  return messages
    .slice(start)
    .map((message) => textOf(message.content))
    .filter((text) => text !== '')
    .join('\n\n');
}
