// Owns: what a scripted API is started with, and what it offers while it runs.
// Promises: the reference for tests and the demo.
// Never: an implementation (server.ts).
import type { Call } from './call.ts';
import type { ChaosOptions } from './chaos.ts';
import type { RetryAfter } from './fault.ts';
import type { ModelRow } from './model-table.ts';
import type { RecordedRequest } from './recorder.ts';
import type { Script } from './script-book.ts';
import type { Fault } from './sendable.ts';

export type ScriptedApiOptions = {
  /** Answers every conversation that has no script of its own; each conversation walks its own copy of a list. */
  readonly script?: Script;
  /** By conversation: its name, or a part of its name. */
  readonly conversations?: Readonly<Record<string, Script>>;
  /** Names the conversation of a request. Default: the text of its first user message. */
  readonly conversationOf?: (call: Call) => string;
  /** Credentials that are accepted. Default: any that is not empty. */
  readonly keys?: readonly string[];
  /** The models there are. Default: the whole table. */
  readonly models?: readonly ModelRow[];
  /** Milliseconds, for the prompt cache and the record. Default: Date.now. */
  readonly now?: () => number;
  /** Beyond so many requests at once the answer is 429. */
  readonly concurrency?: number;
  /** retry-after of those 429s; none by default. */
  readonly concurrencyRetryAfter?: RetryAfter;
  /** Headers of every answer, such as anthropic-ratelimit-*. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly chaos?: ChaosOptions;
  /** Answered with 404, as compatible servers do that do not have them. */
  readonly lacks?: readonly ('count_tokens' | 'models')[];
  /** Refused requests are what the test wants: assertFinished does not report them. */
  readonly refusalsExpected?: boolean;
};

export type ScriptedApi = {
  readonly url: string;
  readonly port: number;
  /** Every request, in order of arrival. The entries change as they are answered. */
  readonly requests: readonly RecordedRequest[];
  /** Requests being answered now, the most there ever were, and how many the concurrency limit turned away. */
  readonly load: { readonly inFlight: number; readonly peak: number; readonly turnedAway: number };
  /** Gives a conversation a script while the server runs; a list starts at its beginning. */
  script(conversation: string, script: Script): void;
  /** Resolves when the condition holds; checked at every arrival and every end of a request. */
  until(condition: (requests: readonly RecordedRequest[]) => boolean): Promise<void>;
  /** 'refused': nothing listens and open connections are reset. A fault: every request gets it. No script is used up. */
  down(how: 'refused' | Fault): Promise<void>;
  up(): Promise<void>;
  /** Surplus and missing replies, and refused requests. */
  problems(): readonly string[];
  /** Throws when there are problems. */
  assertFinished(): void;
  close(): Promise<void>;
};
