// Owns: thinking blocks that come back: unchanged, complete, in order, under their own prefix.
// Promises: answers either the first problem, or which blocks the API drops instead of failing.
// Never: judges a block of another model (the API drops those).
import { type Call, type CallMessage, isThinking, thinkingMode } from './call.ts';
import { mustStartWithThinking } from './check-roles.ts';
import { type Issued, sealOf } from './issued.ts';
import { chainsOf } from './prefix-chain.ts';
import { invalid, type Problem, type Problems } from './problem.ts';
import type { WireBlock } from './request-shape.ts';
import { checkSeal } from './signature.ts';

export type Dropped = {
  readonly type: 'thinking_dropped';
  readonly path: string;
  readonly reason: 'prefix_binding_mismatch' | 'model_binding_mismatch';
};

export function* historyProblems(call: Call, issued: Issued): Problems {
  const latest = call.messages.findLastIndex((message) => message.role === 'assistant');
  if (latest < 0) return;
  yield* manualModeProblems(call, latest, issued);
  for (const [index, message] of call.messages.entries()) {
    for (const [at, block] of message.content.entries()) {
      if (isThinking(block)) yield* sealProblems(block, `messages.${index}.content.${at}`, index === latest);
    }
  }
  yield* incompleteProblems(call.messages[latest]!, latest, issued);
  if (dropsMismatches(call)) return;
  const mismatch = transformations(call).find((dropped) => dropped.reason === 'prefix_binding_mismatch');
  if (mismatch !== undefined) yield boundElsewhere(mismatch.path);
}

/** What the API takes out of the prompt, in request order. */
export function transformations(call: Call): readonly Dropped[] {
  const { before } = chainsOf(call);
  return call.messages.flatMap((message, index) => {
    const dropped: Dropped[] = [];
    let dropping = false; // a removal takes the thinking blocks that follow it directly
    for (const [at, block] of message.content.entries()) {
      const reason = isThinking(block) ? mismatchOf(call, block, before[index]![at]!) : undefined;
      dropping = isThinking(block) && (dropping || reason === 'prefix_binding_mismatch');
      const path = `messages.${index}.content.${at}`;
      if (reason !== undefined) dropped.push({ type: 'thinking_dropped', path, reason });
      else if (dropping) dropped.push({ type: 'thinking_dropped', path, reason: 'prefix_binding_mismatch' });
    }
    return dropped;
  });
}

function mismatchOf(call: Call, block: WireBlock, prefix: string): Dropped['reason'] | undefined {
  const seal = checkSeal(block);
  if (seal.state !== 'genuine') return undefined;
  if (seal.model !== call.model.id) return 'model_binding_mismatch';
  return call.model.bindsThinking && seal.prefix !== prefix ? 'prefix_binding_mismatch' : undefined;
}

function* sealProblems(block: WireBlock, path: string, latest: boolean): Problems {
  const seal = checkSeal(block);
  if (seal.state === 'genuine') return;
  const field = block.type === 'thinking' ? 'signature' : 'data';
  yield seal.state === 'modified' && latest
    ? modified(path)
    : invalid(`${path}: Invalid \`${field}\` in \`${block.type}\` block`);
}

/** All thinking of a turn may be taken out for good; a part of it, or another order, is a change. */
function* incompleteProblems(message: CallMessage, index: number, issued: Issued): Problems {
  const use = message.content.find((block) => block.type === 'tool_use');
  const sent = use === undefined ? undefined : issued.thinkingOf(String(use['id']));
  const kept = message.content.filter(isThinking).map(sealOf);
  if (sent === undefined || kept.length === 0) return;
  const same = kept.length === sent.length && kept.every((seal, at) => seal === sent[at]);
  if (!same) yield modified(`messages.${index}.content.${message.content.findIndex(isThinking)}`);
}

function* manualModeProblems(call: Call, latest: number, issued: Issued): Problems {
  if (thinkingMode(call) !== 'enabled') return;
  const message = call.messages[latest]!;
  const awaitsResults = call.messages[latest + 1]?.content.some((block) => block.type === 'tool_result') === true;
  const first = message.content[0];
  if (!awaitsResults || first === undefined || isThinking(first)) return;
  const use = message.content.find((block) => block.type === 'tool_use');
  if (use !== undefined && issued.thinkingOf(String(use['id']))?.length === 0) return; // the script had it not think
  // The rest of a tool loop counts as one turn: it is enough that its first message began with thinking.
  const start = call.messages.findLastIndex(
    (earlier) => earlier.role === 'user' && !earlier.content.some((block) => block.type === 'tool_result'),
  );
  const turn = call.messages.slice(start + 1, latest).filter((earlier) => earlier.role === 'assistant');
  if (turn.some((earlier) => earlier.content.some(isThinking))) return;
  yield mustStartWithThinking(latest, first.type);
}

function dropsMismatches(call: Call): boolean {
  const { thinking } = call.body;
  if (thinking === undefined || !('block_binding' in thinking)) return false;
  return thinking.block_binding?.prefix_mismatch_behavior === 'drop_block';
}

function modified(path: string): Problem {
  return invalid(
    `${path}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. ` +
      'These blocks must remain as they were in the original response.',
  );
}

function boundElsewhere(path: string): Problem {
  return invalid(
    `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. ` +
      'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block". ' +
      'This field requires the `thinking-binding-controls-2026-08-01` beta header.',
  );
}
