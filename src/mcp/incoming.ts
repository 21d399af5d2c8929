// Owns: what one line from the client means: a message, nothing, or an error to answer with.
// Promises: pure; anything a client may send gets one of the three, and an answer carries the request's id when it can be told.
// Never: throws; knows a method.
import { isObject } from '../contract/json.ts';
import { beginning } from '../contract/text.ts';
import { type JSONRPCMessage, JSONRPCMessageSchema, type RequestId } from './sdk.ts';
import type { Line } from './lines.ts';

/** JSON-RPC wants `id: null` when the id of the request is not known; the SDK's message type has no null. */
type ErrorAnswer = {
  readonly jsonrpc: '2.0';
  readonly id: RequestId | null;
  readonly error: { readonly code: number; readonly message: string };
};

export type Incoming =
  | { readonly type: 'message'; readonly message: JSONRPCMessage }
  | { readonly type: 'blank' }
  | { readonly type: 'refused'; readonly answer: ErrorAnswer | null; readonly problem: string };

const parseError = -32700;
const invalidRequest = -32600;

export function readLine(line: Line, maxBytes: number): Incoming {
  if (line.type === 'oversized') {
    const problem = `The message has ${line.bytes} bytes; at most ${maxBytes} are read. Send less, or put the text in a file and name its path.`;
    return refused(invalidRequest, problem, idAtEnds(line.head, line.tail));
  }
  if (line.text.trim() === '') return { type: 'blank' };
  const value = fromJson(line.text);
  if (value === undefined) return refused(parseError, `Parse error: a line is not JSON: ${excerpt(line.text)}`, null);
  const parsed = JSONRPCMessageSchema.safeParse(value);
  if (parsed.success) return { type: 'message', message: parsed.data };
  const problem = Array.isArray(value)
    ? 'Invalid request: batches are not part of MCP. Send one message a line.'
    : `Invalid request: not a JSON-RPC 2.0 message: ${excerpt(line.text)}`;
  // A broken response or notification is not answered: its sender waits for nothing.
  if (isObject(value) && ('result' in value || 'error' in value || !('id' in value))) {
    return { type: 'refused', answer: null, problem };
  }
  return refused(invalidRequest, problem, isObject(value) ? asId(value['id']) : null);
}

function refused(code: number, problem: string, id: RequestId | null): Incoming {
  return { type: 'refused', problem, answer: { jsonrpc: '2.0', id, error: { code, message: problem } } };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON has no undefined: the caller answers with a parse error
  }
}

function asId(id: unknown): RequestId | null {
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id)) ? id : null;
}

/** Clients write the id either before the params or last; in between it cannot be told from a key of the params. */
function idAtEnds(head: string, tail: string): RequestId | null {
  const id = String.raw`"id"\s*:\s*(\d+|"[^"\\]*")`;
  const first = new RegExp(String.raw`^\s*\{(?:\s*"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*,)*\s*${id}\s*,`).exec(head);
  const last = new RegExp(
    String.raw`\}\s*,(?:\s*"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*,)*\s*${id}(?:\s*,\s*"(?:jsonrpc|method)"\s*:\s*"[^"\\]*")*\s*\}\s*$`,
  ).exec(tail);
  const found = first?.[1] ?? last?.[1];
  return found === undefined ? null : asId(fromJson(found));
}

function excerpt(text: string): string {
  return text.length <= 80 ? text : `${beginning(text, 80)}… (${text.length} characters)`;
}
