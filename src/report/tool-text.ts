// Owns: a tool's input and result as text for a person.
// Promises: line breaks inside values stay line breaks; blocks that are no text are named.
// Never: shortens.
import { type ContentBlock, textOf } from '../contract/message.ts';

/** A line `key: value` each; a value of several lines stands indented below its key. A single value stands alone. */
export function inputText(input: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return valueText(input);
  const entries = Object.entries(input).map(([key, value]) => [key, valueText(value)] as const);
  const [only, another] = entries;
  if (only === undefined) return '';
  if (another === undefined) return only[1];
  return entries
    .map(([key, value]) => (value.includes('\n') ? `${key}:\n  ${value.replaceAll('\n', '\n  ')}` : `${key}: ${value}`))
    .join('\n');
}

export function resultText(content: string | readonly ContentBlock[]): string {
  if (typeof content === 'string') return content;
  const others = content.filter((block) => block.type !== 'text').map((block) => `[${block.type}]`);
  return [textOf(content), ...others].filter((text) => text !== '').join('\n');
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
