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

/** The newest text the model wrote: what there is of a worker that did not finish. */
export function lastText(messages: readonly Message[]): string {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    const text = message?.role === 'assistant' ? textOf(message.content) : '';
    if (text !== '') return text;
  }
  return '';
}
