// Owns: JSON for the wire, piece by piece, each message only once in its life.
// Promises: what it returns is valid JSON that any parser takes: lone surrogates become U+FFFD, and so does NUL in what we wrote.
// Never: changes a stored object, or holds a message alive.
import type { Message } from '../contract/message.ts';

const known = new WeakMap<object, string>();

/** Of a frozen-in-practice object that many requests share: a message, a tool list. */
export function serialiseOnce(value: Message | readonly unknown[]): string {
  let json = known.get(value);
  if (json === undefined) {
    json = serialise(value);
    known.set(value, json);
  }
  return json;
}

export function serialise(value: unknown): string {
  const json = JSON.stringify(value);
  // A reply that holds NUL got it from the API itself, and its blocks must go back as they came.
  return makeValid(json, isReply(value) ? loneSurrogate : loneSurrogateOrNul);
}

function isReply(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'role' in value && value.role === 'assistant';
}

// JSON.stringify escapes both; an even number of backslashes before the escape means it is one.
const loneSurrogate = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;
const loneSurrogateOrNul = /(?<!\\)((?:\\\\)*)\\u(?:d[89a-f][0-9a-f]{2}|0000)/g;

function makeValid(json: string, invalid: RegExp): string {
  return json.includes('\\ud') || json.includes('\\u0000') ? json.replace(invalid, '$1\\ufffd') : json;
}
