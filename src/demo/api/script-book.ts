// Owns: which script answers which conversation, and how far each has come.
// Promises: conversations never take each other's replies; a surplus or a shortage is a problem the test sees.
// Never: sends anything.
import { type Call, runsOf } from './call.ts';
import type { WireBlock } from './request-shape.ts';
import type { Step } from './sendable.ts';

/** What a script function sees of the request it answers. */
export type Turn = {
  /** The text of the first user message, or what `conversationOf` said. */
  readonly conversation: string;
  /** Replies the client has kept so far: 0 on the first request, the same again when it retries. */
  readonly replies: number;
  /** Requests of this conversation so far, this one included. */
  readonly requests: number;
  readonly model: string;
  /** Text of the last user message, tool results not counted. */
  readonly prompt: string;
  /** Results in the last user message, in order. */
  readonly toolResults: readonly TurnResult[];
  readonly call: Call;
};

type TurnResult = {
  readonly toolUseId: string;
  readonly tool: string;
  readonly text: string;
  readonly isError: boolean;
};

/** A list gives one step a request; a function is asked each time and never runs out. */
export type Script = readonly Step[] | ((turn: Turn) => Step | Promise<Step>);

export type ScriptBook = {
  set(conversation: string, script: Script): void;
  /** The step for this request, or why there is none. `peek`: leave a list where it is. */
  next(
    call: Call,
    conversation: string,
    peek: boolean,
  ): Promise<{ readonly step: Step } | { readonly missing: string }>;
  /** What went wrong or was left over. */
  problems(): readonly string[];
};

type Track = { readonly script: Script; taken: number; requests: number };

/** `byConversation` is matched by equality first, else by the longest key that the conversation contains. */
export function createScriptBook(
  common: Script | undefined,
  byConversation: Readonly<Record<string, Script>>,
): ScriptBook {
  const scripts = new Map<string, Script>(Object.entries(byConversation));
  const tracks = new Map<string, Track>();
  const failures: string[] = [];

  const scriptFor = (conversation: string): readonly [string, Script] | undefined => {
    const key = scripts.has(conversation)
      ? conversation
      : [...scripts.keys()].filter((part) => conversation.includes(part)).toSorted((a, b) => b.length - a.length)[0];
    if (key !== undefined) return [key, scripts.get(key)!];
    return common === undefined ? undefined : [conversation, common];
  };

  return {
    set: (conversation, script) => {
      scripts.set(conversation, script);
      tracks.delete(conversation);
    },
    next: async (call, conversation, peek) => {
      const found = scriptFor(conversation);
      if (found === undefined) return fail(failures, `No script for the conversation ${quote(conversation)}.`);
      const [key, script] = found;
      const track = tracks.get(key) ?? { script, taken: 0, requests: 0 };
      tracks.set(key, track);
      track.requests += 1;
      if (typeof script === 'function') return { step: await script(turnOf(call, conversation, track.requests)) };
      const step = script[track.taken];
      if (step === undefined) {
        return fail(failures, `The script of ${quote(key)} has ${script.length} replies and was asked for another.`);
      }
      if (!peek) track.taken += 1;
      return { step };
    },
    problems: () => [
      ...failures,
      ...[...tracks].flatMap(([key, { script, taken }]) => leftOver(key, script, taken)),
      ...[...scripts].flatMap(([key, script]) => (tracks.has(key) ? [] : leftOver(key, script, 0))),
      ...(common !== undefined && tracks.size === 0 ? leftOver('any conversation', common, 0) : []),
    ],
  };
}

/** The default name of a conversation. Stays the same as it grows and when it is resumed. */
export function firstUserText(call: Call): string {
  return textOf(call.messages.find((message) => message.role === 'user')?.content ?? []);
}

function turnOf(call: Call, conversation: string, requests: number): Turn {
  const runs = runsOf(call.messages);
  const last = runs.at(-1);
  const content = last?.role === 'user' ? last.blocks.map(({ block }) => block) : [];
  const uses = call.messages.flatMap((message) => message.content.filter((block) => block.type === 'tool_use'));
  return {
    conversation,
    replies: runs.filter((run) => run.role === 'assistant').length,
    requests,
    model: call.body.model,
    prompt: textOf(content),
    toolResults: content
      .filter((block) => block.type === 'tool_result')
      .map((result) => ({
        toolUseId: String(result['tool_use_id']),
        tool: String(uses.find((use) => use['id'] === result['tool_use_id'])?.['name']),
        text: resultText(result['content']),
        isError: result['is_error'] === true,
      })),
    call,
  };
}

function textOf(blocks: readonly WireBlock[]): string {
  return blocks
    .filter((block) => block.type === 'text')
    .map((block) => String(block['text']))
    .join('\n\n');
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? textOf(content as readonly WireBlock[]) : '';
}

function leftOver(key: string, script: Script, taken: number): readonly string[] {
  if (typeof script === 'function' || taken >= script.length) return [];
  return [
    `The script of ${quote(key)} has ${script.length} replies, ${script.length - taken} of them never asked for.`,
  ];
}

function fail(failures: string[], missing: string): { readonly missing: string } {
  failures.push(missing);
  return { missing };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
