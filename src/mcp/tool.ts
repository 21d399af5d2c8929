// Owns: what a tool of this server is, and the results it may give.
// Promises: input is parsed before a tool sees it; what a tool returns as data is said twice, as text and structured, the same.
// Never: knows which tools there are.
import type { z } from 'zod';
import type { WorkerManager } from '../contract/manager.ts';
import { parse } from '../contract/parse.ts';
import type { HumanDesk } from './human-desk.ts';
import type { CallToolResult } from './sdk.ts';

export type ToolContext = {
  readonly manager: WorkerManager;
  /** Aborted when the client cancels the call or the server ends. */
  readonly signal: AbortSignal;
  /** Absent when the caller gave no progress token. */
  readonly progress?: (message: string) => void;
  readonly heartbeatMs: number;
  /** The longest a wait may block, for hosts that stop a call whatever happens. */
  readonly waitSeconds?: number;
  /** Absent unless permissions are put to the client's human. */
  readonly human?: HumanDesk;
  readonly log: (line: string) => void;
};

export type ToolAnnotations = {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly openWorldHint: boolean;
};

export type Tool = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: () => z.ZodObject;
  readonly output: () => z.ZodObject;
  /** Throws an AworkersError for what the caller got wrong. */
  readonly call: (input: unknown, context: ToolContext) => Promise<CallToolResult>;
};

export const readOnly: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
/** Not destructive and closed: hosts then run the call without asking. What a worker does is gated by its own permissions. */
export const changing: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };

type ToolParts<T> = Omit<Tool, 'call' | 'input'> & {
  readonly input: () => z.ZodObject & z.ZodType<T>;
  readonly run: (input: T, context: ToolContext) => Promise<CallToolResult>;
};

export function defineTool<T>({ run, ...parts }: ToolParts<T>): Tool {
  return { ...parts, call: async (input, context) => run(parse(parts.input(), input ?? {}, parts.name), context) };
}

/** One text block with the same JSON as structuredContent: some hosts show the model only one of the two. */
export function dataResult(data: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: { ...data } };
}

export function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
