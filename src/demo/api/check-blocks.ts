// Owns: the shape of every content block of a request: system, messages, and inside tool results.
// Promises: an assistant block of a type the table does not know passes only if this server sent that type.
// Never: rules across blocks.
import { assistantBlocks, resultBlocks, systemBlocks, userBlocks } from './block-shape.ts';
import type { Call, CallMessage } from './call.ts';
import type { Issued } from './issued.ts';
import { invalid, type Problems } from './problem.ts';
import type { WireBlock } from './request-shape.ts';
import { fits } from './shape.ts';
import type { z } from 'zod';

type Shapes = Readonly<Record<string, z.ZodType>>;

export function* blockProblems(call: Call, issued: Issued): Problems {
  for (const [at, block] of call.system.entries()) {
    yield* shapeProblems(block, `system.${at}`, systemBlocks);
    if (block['text'] === '') yield invalid('system: text content blocks must be non-empty');
  }
  for (const [index, message] of call.messages.entries()) {
    for (const [at, block] of message.content.entries()) {
      yield* messageBlockProblems(call, message, block, `messages.${index}.content.${at}`, issued);
    }
  }
}

function* messageBlockProblems(
  call: Call,
  message: CallMessage,
  block: WireBlock,
  path: string,
  issued: Issued,
): Problems {
  const { role } = message;
  const known = role === 'assistant' ? assistantBlocks : role === 'user' ? userBlocks : systemBlocks;
  const foreign = role === 'assistant' && !(block.type in known);
  const ownKind = foreign && (block.type.endsWith('_tool_result') || issued.sentBlockType(block.type));
  if (!ownKind) yield* shapeProblems(block, path, known);
  if (block.type === 'text') yield* textProblems(call, role, block, path);
  if (block.type === 'document' && role === 'assistant' && call.version !== '2023-06-01') {
    yield invalid(`${path}: Input tag 'document' is not permitted in an assistant message`);
  }
  if (block.type === 'tool_result' && Array.isArray(block['content'])) {
    for (const [at, inner] of (block['content'] as readonly WireBlock[]).entries()) {
      yield* shapeProblems(inner, `${path}.tool_result.content.${at}`, resultBlocks);
      if (inner.type === 'text' && inner['text'] === '') yield emptyText();
    }
  }
}

function* textProblems(call: Call, role: string, block: WireBlock, path: string): Problems {
  const text = String(block['text']);
  if (text === '') yield emptyText();
  if (role === 'user' && text.trim() === '') {
    yield invalid('messages: text content blocks must contain non-whitespace text');
  }
  const citations = block['citations'];
  if (role === 'user' && Array.isArray(citations) && citations.length > 0 && call.version !== '2023-06-01') {
    yield invalid(`${path}.text.citations: Extra inputs are not permitted`);
  }
}

function* shapeProblems(block: WireBlock, path: string, shapes: Shapes): Problems {
  const shape = shapes[block.type];
  if (shape === undefined) {
    const tags = Object.keys(shapes).map((tag) => `'${tag}'`);
    yield invalid(
      `${path}: Input tag '${block.type}' found using 'type' does not match any of the expected tags: ${tags.join(', ')}`,
    );
    return;
  }
  const fit = fits(shape, block, `${path}.${block.type}`);
  if ('problem' in fit) yield invalid(fit.problem);
}

function emptyText(): ReturnType<typeof invalid> {
  return invalid('messages: text content blocks must be non-empty');
}
