// Owns: the Write tool.
// Promises: replaces a file whole or not at all; an existing one only when this worker read it and nobody changed it since;
// an existing text file keeps its encoding, mark, line ends and mode.
// Never: replaces anything but a regular file.
import { z } from 'zod';
import { stat } from 'node:fs/promises';
import { codeOf } from '../contract/errors.ts';
import type { Tool } from '../contract/ports.ts';
import { counted } from '../contract/text.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { unifiedDiff } from './diff.ts';
import { inOrder } from './file-memory.ts';
import { judgedPath } from './judged-path.ts';
import type { Limits } from './limits.ts';
import { fileFailure, type FileInfo, readWhole, withRegularFile } from './open-file.ts';
import { saveFile } from './save-file.ts';
import { decodeText, encodeText, lineEnd, type TextFile, withLineEnd } from './text-file.ts';

export const writeDefinition = {
  name: 'Write',
  description:
    'Create a file, with its directories, or replace it whole. An existing file must have been read before; to change a part of it, use Edit.',
  input: z.strictObject({ file_path: z.string().min(1), content: z.string() }),
  access: 'write',
} as const;

type Existing = { readonly info: FileInfo; readonly bytes: Buffer | undefined };

export function writeTool(context: ToolContext): Tool {
  const { limits, memory } = context;
  return bindTool(writeDefinition, {
    async run({ file_path: shown, content }, _signal, call) {
      return inOrder(call.real_path ?? '', async () => {
        const real = judgedPath(context, shown, call);
        const existing = await existingFile(real, shown, limits);
        if (existing !== undefined) memory.requireFresh(real, existing.info, existing.bytes, shown);
        const bytes = encodeLike(existing?.bytes, content.toWellFormed());
        const saved = await saveFile(real, shown, bytes, existing === undefined);
        memory.remember(real, saved, bytes.length > limits.fileBytes ? undefined : bytes);
        return `${existing === undefined ? 'Created' : 'Replaced'} ${shown} (${counted(bytes.length, 'byte')}).`;
      });
    },
    async preview({ file_path: shown, content }, call) {
      try {
        const real = judgedPath(context, shown, call);
        const existing = await existingFile(real, shown, limits);
        const before = existing === undefined ? '' : decodeText(existing.bytes ?? Buffer.alloc(1))?.text;
        if (before === undefined)
          return `${shown}: a binary or very large file is replaced by ${counted(content.length, 'character')} of text`;
        return await unifiedDiff(shown, before, withLineEnd(content, lineEnd(before)), limits);
      } catch (error) {
        if (error instanceof ToolFailure) return undefined; // the write would fail: there is nothing to show
        throw error;
      }
    },
  });
}

/** undefined: there is none. `bytes` is undefined when it is too large to be held. */
async function existingFile(real: string, shown: string, limits: Limits): Promise<Existing | undefined> {
  try {
    await stat(real);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(error, shown);
  }
  return withRegularFile(real, shown, async (file, info) => ({
    info,
    bytes: info.size > limits.fileBytes ? undefined : await readWhole(file, info, limits.fileBytes, shown),
  }));
}

function encodeLike(before: Buffer | undefined, content: string): Buffer {
  const old: TextFile | undefined = before === undefined ? undefined : decodeText(before);
  if (old === undefined) return Buffer.from(content);
  const isCrlf = old.text.includes('\r\n') && !/(?<!\r)\n/.test(old.text);
  const text = isCrlf ? withLineEnd(content, '\r\n') : content;
  return encodeText({ ...old, text: old.bom ? text.replace(/^\ufeff/, '') : text }) ?? Buffer.from(text);
}
