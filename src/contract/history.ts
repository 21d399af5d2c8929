// Owns: the conversation as a fold of events: messages, and the tool uses that still lack a result.
// Promises: append-only; the same events give the same messages in the loop, after a crash and on resume;
// the results of a turn form one user message in call order, results first.
// Never: edits or removes an earlier message.
import type { EventBody } from './event.ts';
import type { ContentBlock, Message, ToolResult, ToolUse } from './message.ts';
import { isToolUse, toBlocks } from './message.ts';
import type { PermissionRequest, Resolution } from './permission.ts';

/** A tool use of the last reply and how far it came. */
export type OpenToolUse = {
  readonly use: ToolUse;
  request?: PermissionRequest;
  resolution?: Resolution;
  started: boolean;
  /** worker_id of the worker that does it. */
  child?: string;
  result?: ToolResult;
};

/** Mutable by its owner alone (the loop, or a fold): a copy per event would make long conversations quadratic. */
export type History = {
  readonly messages: Message[];
  /** In call order. Empty when the last reply has no tool use, or all of them are settled. */
  open: OpenToolUse[];
  /** stop_reason of a last reply without tool uses, until it is known what followed from it: a crash can come between. */
  undecided?: string | null;
};

export function emptyHistory(): History {
  return { messages: [], open: [] };
}

export function applyToHistory(history: History, event: EventBody): void {
  if (decides.has(event.type)) delete history.undecided;
  switch (event.type) {
    case 'worker.spawned':
      return appendUser(history, [...event.plan.context, event.prompt].map(asText));
    case 'message.appended':
      return appendUser(history, toBlocks(event.content));
    case 'model.replied':
      if (!event.kept || event.content.length === 0) return;
      appendReply(history, event.content);
      if (history.open.length === 0) history.undecided = event.stop_reason;
      return;
    case 'permission.requested':
      return change(history, event.request.tool_use_id, (open) => (open.request = event.request));
    case 'permission.resolved':
      return change(history, event.tool_use_id, (open) => (open.resolution = event.resolution));
    case 'tool.started':
      return change(history, event.tool_use_id, (open) => (open.started = true));
    case 'child.spawned':
      return change(history, event.tool_use_id, (open) => (open.child = event.worker_id));
    case 'tool.finished':
      change(history, event.tool_use_id, (open) => (open.result = resultOf(event)));
      return closeTurn(history);
    case 'worker.resumed':
      if (event.anew === true) history.open = history.open.map(unanswered);
      return;
    case 'worker.started':
    case 'model.retried':
    case 'child.ended':
    case 'worktree.settled':
    case 'worker.completed':
    case 'worker.failed':
    case 'worker.stopped':
      return;
  }
}

const decides: ReadonlySet<EventBody['type']> = new Set([
  'message.appended',
  'model.replied',
  'worker.completed',
  'worker.failed',
]);

function asText(text: string): ContentBlock {
  return { type: 'text', text };
}

/** Two user messages in a row become one: the API would join them too, and a new prompt may follow tool results. */
function appendUser(history: History, content: readonly ContentBlock[]): void {
  const last = history.messages.at(-1);
  if (last?.role !== 'user') {
    history.messages.push({ role: 'user', content });
    return;
  }
  history.messages[history.messages.length - 1] = { role: 'user', content: [...toBlocks(last.content), ...content] };
}

function appendReply(history: History, content: readonly ContentBlock[]): void {
  history.messages.push({ role: 'assistant', content });
  history.open = content.filter(isToolUse).map((use) => ({ use, started: false }));
}

function change(history: History, id: string, apply: (open: OpenToolUse) => void): void {
  const open = history.open.find((candidate) => candidate.use.id === id && candidate.result === undefined);
  if (open !== undefined) apply(open);
}

function unanswered({ request: _request, resolution: _resolution, ...open }: OpenToolUse): OpenToolUse {
  return open;
}

function closeTurn(history: History): void {
  const results = history.open.map((open) => open.result);
  if (results.length === 0 || !results.every((result) => result !== undefined)) return;
  history.open = [];
  const last = history.messages.at(-1);
  if (last?.role !== 'user') return appendUser(history, results);
  // A prompt that came while calls were open (a resume): it was never sent, and results go first.
  history.messages[history.messages.length - 1] = { role: 'user', content: [...results, ...toBlocks(last.content)] };
}

function resultOf(event: Extract<EventBody, { type: 'tool.finished' }>): ToolResult {
  const content = event.content as string | readonly ContentBlock[];
  return {
    type: 'tool_result',
    tool_use_id: event.tool_use_id,
    ...(content.length > 0 ? { content } : {}),
    ...(event.is_error ? { is_error: true } : {}),
  };
}
