// Owns: what a script may say: blocks, replies, faults, and how they go over the wire.
// Promises: plain data.
// Never: constructors (reply.ts, fault.ts) or I/O.
import type { WireBlock } from './request-shape.ts';

/** `send`: as deltas (default), whole on content_block_start, or not at all (input stays {}). */
export type ScriptedBlock = {
  readonly kind: 'block';
  readonly block: WireBlock;
  readonly send?: 'deltas' | 'whole' | 'nothing';
  /** Streamed in place of the tool input as JSON: may be cut or no JSON. */
  readonly rawInput?: string;
};

export type WireStyle = {
  readonly newline?: '\n' | '\r\n';
  /** Sizes of the pieces the stream is written in, by bytes, repeated; [1] splits everywhere. */
  readonly pieces?: readonly number[];
  /** Characters per delta. */
  readonly deltaChars?: number;
  readonly pings?: 'none' | 'once' | 'often';
  readonly bom?: boolean;
  /** Comment lines between events. */
  readonly comments?: boolean;
  /** No `event:` lines, as some compatible servers send. */
  readonly dataOnly?: boolean;
  /** Each event's JSON spread over several `data:` lines. */
  readonly manyDataLines?: boolean;
  /** An event, a delta and extra fields that no client knows. */
  readonly unknowns?: boolean;
  /** Number of message_delta events, with cumulative usage. */
  readonly usageFrames?: number;
  readonly gzip?: boolean;
};

export type Reply = {
  readonly kind: 'reply';
  readonly content: readonly ScriptedBlock[];
  /** Absent: tool_use when there is a tool_use block, else end_turn. */
  readonly stopReason?: string | null;
  readonly stopSequence?: string;
  readonly stopDetails?: Readonly<Record<string, unknown>>;
  /** Merged over the computed usage; null and undefined values included. */
  readonly usage?: Readonly<Record<string, unknown>>;
  /** The model named in the answer, when it is not the one asked for. */
  readonly model?: string;
  readonly firstByteMs?: number;
  /** Pause before each delta. */
  readonly deltaMs?: number;
  readonly wire?: WireStyle;
  readonly headers?: Readonly<Record<string, string>>;
  readonly broken?: StreamBreak;
};

/** One entry of a script. */
export type Step = string | ScriptedBlock | readonly (string | ScriptedBlock)[] | Reply | Fault;

export type Fault = {
  readonly kind: 'fault';
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An error object goes in the API's envelope; a string goes as it is. */
  readonly body:
    string | { readonly type: string; readonly message: string; readonly details?: Readonly<Record<string, unknown>> };
  /** Reset the connection in place of any answer. */
  readonly hangUp?: boolean;
};

/** Where in the stream it breaks: before the event of this number, counted from 0 (1 = after message_start), or at a place. */
export type BreakPlace = number | 'first_delta' | 'before_stop';

export type StreamBreak = {
  readonly at: BreakPlace;
  readonly how: 'fin' | 'reset' | 'error_event' | 'stall';
  readonly error?: { readonly type: string; readonly message: string };
  /** A stall: a ping so often, or silence when absent. */
  readonly pingMs?: number;
};
