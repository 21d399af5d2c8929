// Owns: what the API does against a conversation that nears the window: a summary, or older tool results left out.
// Promises: beta header, kind of edit and trigger are checked as documented; what stands before a summary weighs nothing.
// Never: changes what the client sent: only what it counts as.
import type { Call } from './call.ts';
import { invalid, type Problems } from './problem.ts';
import type { WireBlock } from './request-shape.ts';
import type { ScriptedBlock } from './sendable.ts';
import { promptTokens, toTokens, weightOf } from './tokens.ts';

type Edit = Readonly<Record<string, unknown>>;

const kinds = {
  compact_20260112: { beta: 'compact-2026-01-12', least: 50_000, trigger: 150_000 },
  clear_tool_uses_20250919: { beta: 'context-management-2025-06-27', least: 0, trigger: 100_000 },
  clear_thinking_20251015: { beta: 'context-management-2025-06-27', least: 0, trigger: 0 },
} as const;

export function* contextProblems(call: Call): Problems {
  if (!call.betas.has(kinds.compact_20260112.beta) && !call.betas.has('compact-2026-09-04')) {
    const index = call.messages.findIndex(({ content }) => content.some(({ type }) => type === 'compaction'));
    if (index >= 0) yield invalid(`messages.${index}: Input tag 'compaction' found using 'type' is not permitted`);
  }
  for (const [index, edit] of editsOf(call).entries()) {
    const path = `context_management.edits.${index}`;
    const kind = kindOf(edit);
    if (kind === undefined || !call.betas.has(kind.beta)) {
      yield invalid(
        `${path}: Input tag '${String(edit['type'])}' found using 'type' does not match any of the expected tags`,
      );
      continue;
    }
    if (edit['type'] === 'compact_20260112' && !call.model.thinking.includes('adaptive')) {
      yield invalid(`${path}: compact_20260112 is not supported on this model.`);
    }
    if (triggerOf(edit) < kind.least) {
      yield invalid(`${path}.trigger.value: Input should be greater than or equal to ${kind.least}`);
    }
  }
}

/** What the model would read. */
export function effectiveTokens(call: Call): number {
  const whole = { ...call, messages: sinceSummary(call) };
  const tokens = promptTokens(whole);
  const clearing = editsOf(call).find(({ type }) => type === 'clear_tool_uses_20250919');
  if (clearing === undefined || tokens <= triggerOf(clearing)) return tokens;
  const results = whole.messages.flatMap(({ content }) => content.filter(({ type }) => type === 'tool_result'));
  const cleared = results.slice(0, Math.max(0, results.length - 3));
  return tokens - toTokens(cleared.reduce((sum, block) => sum + weightOf(block), 0));
}

/** The block that the reply begins with, when the prompt has passed the trigger. */
export function summaryFor(call: Call): ScriptedBlock | undefined {
  const compact = editsOf(call).find(({ type }) => type === 'compact_20260112');
  if (compact === undefined || effectiveTokens(call) <= triggerOf(compact)) return undefined;
  const content = `Summary of ${call.messages.length} messages.`;
  return { kind: 'block', block: { type: 'compaction', content, encrypted_content: null }, send: 'whole' };
}

function sinceSummary({ messages }: Call): Call['messages'] {
  const at = messages.findLastIndex(({ content }) => content.some(isSummary));
  if (at < 0) return messages;
  const { role, content } = messages[at]!;
  return [{ role, content: content.slice(content.findLastIndex(isSummary)) }, ...messages.slice(at + 1)];
}

/** One without content is a summary that failed: it stands for nothing. */
function isSummary(block: WireBlock): boolean {
  return block.type === 'compaction' && typeof block['content'] === 'string';
}

function editsOf(call: Call): readonly Edit[] {
  const management = call.body['context_management'];
  const edits = typeof management === 'object' && management !== null && 'edits' in management ? management.edits : [];
  return Array.isArray(edits) ? (edits as readonly Edit[]) : [];
}

function kindOf(edit: Edit): (typeof kinds)[keyof typeof kinds] | undefined {
  return Object.entries(kinds).find(([name]) => name === edit['type'])?.[1];
}

function triggerOf(edit: Edit): number {
  const { trigger } = edit;
  const value = typeof trigger === 'object' && trigger !== null && 'value' in trigger ? trigger.value : undefined;
  return typeof value === 'number' ? value : (kindOf(edit)?.trigger ?? 0);
}
