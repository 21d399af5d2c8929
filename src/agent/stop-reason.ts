// Owns: what follows from a reply's stop reason. Source: the API's documentation of handling stop reasons.
// Promises: pure but for its memory of this run; a reply that was cut, refused or is not understood never runs a tool.
import { type ContentBlock, isToolUse, textOf } from '../contract/message.ts';
import type { ModelReply } from '../contract/ports.ts';
import type { ModelSettings } from '../contract/task.ts';
import type { ErrorType } from '../contract/worker.ts';

/** What earlier replies of this run used up. `max_tokens` is that of the next request. */
export type TurnMemory = {
  readonly base: number;
  readonly cap: number | null;
  max_tokens: number;
  nudged: boolean;
  pauses: number;
  cuts: number;
};

/** `keep`: the reply becomes part of the history. */
export type Step =
  | { readonly type: 'next_turn'; readonly keep: boolean }
  | { readonly type: 'nudge'; readonly keep: boolean; readonly text: string }
  | { readonly type: 'refuse_cut_call'; readonly keep: true }
  | { readonly type: 'finish'; readonly keep: true }
  | {
      readonly type: 'fail';
      readonly keep: boolean;
      readonly error_type: ErrorType;
      readonly error_hint: string;
      /** Text of a reply that is not kept. */
      readonly partial: string;
    };

const maxPauses = 20;
const maxCuts = 3;

export function newTurnMemory(settings: ModelSettings): TurnMemory {
  return {
    base: settings.max_tokens,
    cap: settings.max_tokens_cap,
    max_tokens: settings.max_tokens,
    nudged: false,
    pauses: 0,
    cuts: 0,
  };
}

export function decide(reply: ModelReply, memory: TurnMemory): Step {
  const calls = reply.content.some(isToolUse);
  memory.max_tokens = memory.base;
  if (reply.stop_reason !== 'max_tokens') memory.cuts = 0;
  if (reply.stop_reason !== 'pause_turn') memory.pauses = 0;
  switch (reply.stop_reason) {
    case 'tool_use':
    case 'end_turn':
    case 'stop_sequence':
      return calls ? { type: 'next_turn', keep: true } : ended(reply, memory);
    case 'pause_turn':
      memory.pauses += 1;
      if (memory.pauses <= maxPauses) return { type: 'next_turn', keep: true };
      return fail(
        reply,
        !calls,
        'max_turns',
        `The API paused this turn ${maxPauses} times in a row. Resume it to go on.`,
      );
    case 'compaction':
      return { type: 'next_turn', keep: true };
    case 'max_tokens':
      return calls && isToolUse(lastBlock(reply)) ? cutCall(memory) : cutText(reply, memory, calls);
    case 'refusal':
      return fail(reply, false, 'refusal', refusalHint(reply));
    case 'model_context_window_exceeded':
      return fail(
        reply,
        !calls,
        'context_window',
        "The conversation fills the model's context window. Its text is kept in the log: start a new worker with a summary, or use a model with a larger window.",
      );
    case null:
    default:
      return fail(
        reply,
        !calls,
        'unknown_stop_reason',
        `The API ended the reply with stop_reason "${reply.stop_reason}", which this version does not know. Nothing of it was run. Update aworkers, or resume.`,
      );
  }
}

function ended(reply: ModelReply, memory: TurnMemory): Step {
  if (textOf(reply.content) !== '') return { type: 'finish', keep: true };
  const keep = reply.content.length > 0;
  if (memory.nudged) {
    return fail(
      reply,
      keep,
      'empty_reply',
      'The model ended its turn without a word, twice. Resume it with a more specific prompt.',
    );
  }
  memory.nudged = true;
  return { type: 'nudge', keep, text: 'Your reply was empty. Go on, or give your final answer now.' };
}

/** Once with the most the model takes; then the cut call gets an error result; then it is over. */
function cutCall(memory: TurnMemory): Step {
  memory.cuts += 1;
  const more = memory.cap === null ? memory.base * 2 : memory.cap;
  if (memory.cuts === 1 && more > memory.base) {
    memory.max_tokens = more;
    return { type: 'next_turn', keep: false };
  }
  if (memory.cuts <= maxCuts) return { type: 'refuse_cut_call', keep: true };
  return {
    type: 'fail',
    keep: false,
    error_type: 'max_tokens',
    error_hint: `The model's tool calls were cut off by max_tokens ${maxCuts} times in a row. Resume it with a higher max_tokens, or ask for smaller steps.`,
    partial: '',
  };
}

/** Whole calls before a cut text would still be unanswered in a kept reply: then the reply is dropped. */
function cutText(reply: ModelReply, memory: TurnMemory, calls: boolean): Step {
  return fail(
    reply,
    !calls,
    'max_tokens',
    `The reply was cut off at max_tokens (${memory.base}). What there is was kept: resume it to go on, or give it a higher max_tokens.`,
  );
}

function fail(reply: ModelReply, keep: boolean, error_type: ErrorType, error_hint: string): Step {
  return { type: 'fail', keep, error_type, error_hint, partial: keep ? '' : textOf(reply.content) };
}

function refusalHint(reply: ModelReply): string {
  const { category, explanation } = reply.stop_details ?? {};
  const what = category ? ` (${category})` : '';
  const why = explanation ? ` ${explanation.slice(0, 120)}` : '';
  return `The model refused${what}.${why} Its output was dropped. Resume with another prompt, or choose another model.`;
}

function lastBlock(reply: ModelReply): ContentBlock {
  return reply.content.at(-1) ?? { type: 'none' };
}
