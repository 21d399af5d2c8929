// Owns: what a reader of worker://{id} gets of a transcript that is too long to hand over whole.
// Promises: pure; valid JSON with the file's keys; the newest messages stay whole as far as they fit, and what is missing is counted.
// Never: touches a transcript that fits.
import { AworkersError } from '../contract/errors.ts';
import { cutValue, jsonBytes } from './json-size.ts';

const transcriptLimit = 256 * 1024;

export function transcriptWindow(text: string, path: string, limit: number = transcriptLimit): string {
  if (text.length <= limit && Buffer.byteLength(text) <= limit) return text;
  const { messages, ...head } = parsed(text, path);
  const all = Array.isArray(messages) ? messages : [];
  const share = Math.floor(limit / 4 / Math.max(1, Object.keys(head).length));
  const short = Object.fromEntries(
    Object.entries(head).map(([key, value]) => [key, cutValue(value, Math.max(share, 100))]),
  );
  const kept = newestWithin(all, Math.floor(limit / 2));
  return JSON.stringify(
    { ...short, messages_omitted: all.length - kept.length, whole_file: path, messages: kept },
    undefined,
    jsonBytes(kept) * 2 < limit ? 1 : undefined,
  );
}

function parsed(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw new AworkersError(
      'io',
      `${path} is not valid JSON.`,
      'Another program may have changed it; its journal beside it (.jsonl) is the source.',
      { cause },
    );
  }
  throw new AworkersError('io', `${path} holds no transcript.`, 'Its journal beside it (.jsonl) is the source.');
}

function newestWithin(messages: readonly unknown[], bytes: number): readonly unknown[] {
  let room = bytes;
  const first = messages.findLastIndex((message) => (room -= jsonBytes(message) + 1) < 0);
  const whole = messages.slice(first + 1);
  return whole.length > 0 || messages.length === 0 ? whole : [cutValue(messages.at(-1), bytes)];
}
