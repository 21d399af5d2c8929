// Owns: how much tool output one turn may bring into the history, all its results together.
// Promises: decided once, before a result is recorded; small results are whole however much the others said; a cut is marked.
// Never: cuts what is in the history already, or a block that is not text.
import type { OpenToolUse } from '../contract/history.ts';
import type { ContentBlock } from '../contract/message.ts';
import type { ToolOutput } from '../contract/ports.ts';

type Content = ToolOutput['content'];

/** A result as it may enter the history. */
export type TurnRoom = (content: Content) => Content;

const turnChars = 200_000;
/** What a result may always have. */
const leastChars = 4_000;

/** `open`: the calls of the turn; some may have their results from before a crash. */
export function createTurnRoom(open: readonly OpenToolUse[]): TurnRoom {
  let left = turnChars - open.reduce((sum, { result }) => sum + charsOf(result?.content ?? ''), 0);
  return (content) => {
    const kept = fit(content, Math.max(leastChars, left));
    left -= charsOf(kept);
    return kept;
  };
}

function charsOf(content: Content): number {
  if (typeof content === 'string') return content.length;
  return content.reduce((sum, block) => sum + (textIn(block)?.length ?? 0), 0);
}

function fit(content: Content, room: number): Content {
  if (charsOf(content) <= room) return content;
  if (typeof content === 'string') return cutMiddle(content, room);
  let left = room;
  return content.map((block) => {
    const text = textIn(block);
    if (text === undefined) return block;
    const kept = text.length <= left ? text : cutMiddle(text, left);
    left = Math.max(0, left - kept.length);
    return { ...block, text: kept };
  });
}

function textIn(block: ContentBlock): string | undefined {
  return block.type === 'text' && 'text' in block && typeof block.text === 'string' ? block.text : undefined;
}

function cutMiddle(text: string, room: number): string {
  const half = Math.floor(room / 2);
  const gone = text.length - 2 * half;
  const mark = `[... ${gone} characters cut here: the results of one turn may hold ${turnChars} together. Ask for less at once.]`;
  return `${text.slice(0, half)}\n${mark}\n${half === 0 ? '' : text.slice(-half)}`.toWellFormed();
}
