// Owns: a ModelRequest as bytes-to-be: body, headers, cache breakpoints, and the cacheable prefixes it begins with.
// Promises: the order system, tools, context, task never depends on the worker; at most four breakpoints; the same
// message always serialises to the same text, so the cached prefix holds from turn to turn.
// Never: changes a stored message, or marks thinking or empty text.
import { createHash } from 'node:crypto';
import { isObject } from '../contract/json.ts';
import { type ContentBlock, isToolResult, type Message, toBlocks } from '../contract/message.ts';
import type { ModelRequest } from '../contract/ports.ts';
import { type ContextEdit, holdsCompaction } from './context.ts';
import { serialise, serialiseOnce } from './serialise.ts';

/** The start of a request that other requests may share. Most are too short for a cache: their key is never asked for. */
type Prefix = { readonly key: () => string; readonly tokens: number };

export type WireRequest = {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Shortest first: tools and system; then with the shared context. */
  readonly prefixes: readonly Prefix[];
  /** It asks the server to shorten the conversation if need be. */
  readonly editsContext: boolean;
  /** A guess at the input tokens that no cache holds. */
  readonly freshTokens: number;
};

const mark = { type: 'ephemeral' };

/** The API looks back 20 blocks from a breakpoint; a turn that adds nearly as many needs one more. */
const lookback = 15;

const charsPerToken = 4;

const dropBlocksBeta = 'thinking-binding-controls-2026-08-01';

export type Recourse = {
  /** The API was found to want thinking dropped that was made under another prefix. */
  readonly dropUnboundThinking?: boolean;
  readonly contextEdit?: ContextEdit | null;
};

export function buildRequest(request: ModelRequest, recourse: Recourse = {}): WireRequest {
  const { settings } = request;
  const system = systemJson(request.system);
  const tools = toolsJson(request, system === '');
  const marks = breakpoints(request.messages);
  const messages = request.messages.map((message, index) => messageJson(message, marks.get(index)));
  const { fields, betas, edited } = withRecourse(request, messages, recourse);
  const head = {
    ...fields,
    model: settings.model,
    max_tokens: request.max_tokens ?? settings.max_tokens,
    stream: true,
  };
  const prefix = (tools === '' ? '' : `"tools":${tools},`) + (system === '' ? '' : `"system":${system},`);
  const shared = [settings.model, settings.api_version, betas.join(), tools, system];
  return {
    // Concatenated, not joined piece by piece: the text is copied once, when it is sent.
    body: `${serialise(head).slice(0, -1)},${prefix}"messages":[${messages.join(',')}]}`,
    headers: {
      'content-type': 'application/json',
      'anthropic-version': settings.api_version,
      ...(betas.length > 0 ? { 'anthropic-beta': [...new Set(betas)].join(',') } : {}),
    },
    prefixes: prefixesOf(shared, fields, request.messages, marks),
    editsContext: edited,
    freshTokens: Math.ceil(
      (messages.length === 1 ? lengthOf(shared) + messages[0]!.length : lengthOf(messages.slice(-2))) / charsPerToken,
    ),
  };
}

/** Of the last request's system prompt: most workers that run at once have the same. */
let last = { text: '', json: '' };

function systemJson(text: string): string {
  if (text !== last.text) {
    last = { text, json: text.trim() === '' ? '' : serialise([{ type: 'text', text, cache_control: mark }]) };
  }
  return last.json;
}

function toolsJson(request: ModelRequest, isEnd: boolean): string {
  if (request.tools.length === 0) return '';
  if (!isEnd) return serialiseOnce(request.tools);
  return serialise([...request.tools.slice(0, -1), { ...request.tools.at(-1), cache_control: mark }]);
}

function messageJson(message: Message, marked: ReadonlySet<number> | undefined): string {
  if (marked === undefined) return serialiseOnce(message);
  const content = toBlocks(message.content).map((block, index) =>
    marked.has(index) ? { ...block, cache_control: mark } : block,
  );
  return serialise({ ...message, content });
}

/** Where the breakpoints of the messages go: message index to block indices. The system block has the fourth. */
function breakpoints(messages: readonly Message[]): ReadonlyMap<number, ReadonlySet<number>> {
  const marks = new Map<number, Set<number>>();
  const add = (index: number, before: number): void => {
    const message = messages[index];
    if (message?.role !== 'user') return;
    const block = toBlocks(message.content).findLastIndex((candidate, at) => at < before && takesMark(candidate));
    if (block !== -1) marks.set(index, (marks.get(index) ?? new Set()).add(block));
  };
  const last = messages.findLastIndex((message) => message.role === 'user');
  const previous = messages.findLastIndex((message, index) => message.role === 'user' && index < last);
  const added = messages
    .slice(previous + 1, last + 1)
    .reduce((sum, message) => sum + toBlocks(message.content).length, 0);
  add(0, contextLength(messages[0]));
  if (previous !== -1 && added > lookback) add(previous, Infinity);
  add(last, Infinity);
  return marks;
}

/** The blocks before the task in the first message; more than one prompt there only moves the mark later. */
function contextLength(first: Message | undefined): number {
  if (first === undefined || typeof first.content === 'string' || first.content.some(isToolResult)) return 0;
  return Math.max(0, first.content.length - 1);
}

const markable = new Set(['text', 'image', 'document', 'tool_result', 'search_result']);

function takesMark(block: ContentBlock): boolean {
  if (!markable.has(block.type)) return false;
  return block.type !== 'text' || ('text' in block && typeof block.text === 'string' && block.text.trim() !== '');
}

function prefixesOf(
  shared: readonly string[],
  fields: Readonly<Record<string, unknown>>,
  messages: readonly Message[],
  marks: ReadonlyMap<number, ReadonlySet<number>>,
): readonly Prefix[] {
  const key = (): string => digest(shared.join('\n'));
  const base = { key, tokens: Math.floor(lengthOf(shared) / charsPerToken) };
  const length = contextLength(messages[0]);
  if (length === 0 || marks.get(0) === undefined) return [base];
  const context = serialise(toBlocks(messages[0]!.content).slice(0, length));
  // Unlike tools and system, messages are cached apart for each of these settings.
  const setting = (): string => serialise([fields['thinking'], fields['tool_choice'], fields['output_config']]);
  return [
    base,
    {
      key: () => digest(`${key()}\n${setting()}\n${context}`),
      tokens: Math.floor((lengthOf(shared) + context.length) / charsPerToken),
    },
  ];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function withRecourse(
  { settings, messages }: ModelRequest,
  json: readonly string[],
  { dropUnboundThinking = false, contextEdit }: Recourse,
): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly betas: readonly string[];
  readonly edited: boolean;
} {
  const bytes = lengthOf(json);
  const edit =
    contextEdit !== null && contextEdit !== undefined && (bytes >= contextEdit.fromBytes || holdsCompaction(messages))
      ? contextEdit
      : undefined;
  return {
    fields: {
      ...(dropUnboundThinking ? withDropBlock(settings.body) : settings.body),
      ...(edit === undefined ? {} : { context_management: { edits: [edit.edit] } }),
    },
    betas: [
      ...settings.betas,
      ...(dropUnboundThinking ? [dropBlocksBeta] : []),
      ...(edit === undefined ? [] : [edit.beta]),
    ],
    edited: edit !== undefined,
  };
}

function withDropBlock(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const thinking = isObject(fields['thinking']) ? fields['thinking'] : { type: 'adaptive' };
  return { ...fields, thinking: { ...thinking, block_binding: { prefix_mismatch_behavior: 'drop_block' } } };
}

/** Only adaptive thinking, asked for or by default, takes the setting. */
export function canDropBlocks(request: ModelRequest): boolean {
  const { thinking } = request.settings.body;
  return thinking === undefined || (isObject(thinking) && thinking['type'] === 'adaptive');
}
