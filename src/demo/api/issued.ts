// Owns: the memory of what this server sent: which thinking belongs to which tool use, which replies may be continued.
// Promises: what it never sent it knows nothing of and judges by the blocks alone.
// Never: needed for a conversation that began at another server (a restart loses nothing but strictness).
import type { WireBlock } from './request-shape.ts';
import { isThinking } from './call.ts';

export type Issued = {
  /** Seals of the thinking blocks of the reply that held this tool use, in order. */
  thinkingOf(toolUseId: string): readonly string[] | undefined;
  /** Whether a reply that ended here (chain after its last block) may be sent back as the last message. */
  mayContinue(chain: string): boolean;
  sentBlockType(type: string): boolean;
  remember(content: readonly WireBlock[], stopReason: string | null, chainAfter: string): void;
};

export function sealOf(block: WireBlock): string {
  return String(block.type === 'thinking' ? block['signature'] : block['data']);
}

export function createIssued(): Issued {
  const thinking = new Map<string, readonly string[]>();
  const continuable = new Set<string>();
  const types = new Set<string>();
  return {
    thinkingOf: (id) => thinking.get(id),
    mayContinue: (chain) => continuable.has(chain),
    sentBlockType: (type) => types.has(type),
    remember: (content, stopReason, chainAfter) => {
      const seals = content.filter(isThinking).map(sealOf);
      for (const block of content) {
        types.add(block.type);
        if (block.type === 'tool_use') thinking.set(String(block['id']), seals);
      }
      if (stopReason === 'pause_turn' || stopReason === 'compaction') continuable.add(chainAfter);
    },
  };
}
