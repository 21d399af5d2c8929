// Owns: the Edit tool.
// Promises: changes only a file that this worker read and nobody changed since; keeps encoding, mark, line ends and mode.
// Never: creates a file.
import { z } from 'zod';
import type { Tool } from '../contract/ports.ts';
import { counted } from '../contract/text.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { unifiedDiff } from './diff.ts';
import { inOrder } from './file-memory.ts';
import { judgedPath } from './judged-path.ts';
import { type FileInfo, readWhole, withRegularFile } from './open-file.ts';
import { type EditInput, replaceIn } from './replace.ts';
import { saveFile } from './save-file.ts';
import { decodeText, encodeText, type TextFile } from './text-file.ts';

export const editDefinition = {
  name: 'Edit',
  description:
    'Replace exact text in a file that was read before. old_string must be as in the file (without line numbers) and occur once, unless replace_all is set.',
  input: z.strictObject({
    file_path: z.string().min(1),
    old_string: z.string().min(1),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  access: 'write',
} as const;

type Opened = { readonly file: TextFile; readonly bytes: Buffer; readonly info: FileInfo };

export function editTool(context: ToolContext): Tool {
  const { limits, memory } = context;
  return bindTool(editDefinition, {
    async run(edit, _signal, call) {
      return inOrder(call.real_path ?? '', async () => {
        const real = judgedPath(context, edit.file_path, call);
        const { file, bytes, info } = await openText(real, edit);
        memory.requireFresh(real, info, bytes, edit.file_path);
        const { text, count, lines } = replaceIn(file.text, edit);
        const changed = encodeText({ ...file, text });
        if (changed === undefined) {
          throw new ToolFailure(
            `${edit.file_path} is not UTF-8 and new_string has characters that its encoding lacks. Convert it first (iconv in Bash).`,
          );
        }
        memory.remember(real, await saveFile(real, edit.file_path, changed, false), changed);
        return `Edited ${edit.file_path}: ${counted(count, 'replacement')}, line${count === 1 ? '' : 's'} ${lines.slice(0, 20).join(', ')}.`;
      });
    },
    async preview(edit, call) {
      try {
        const real = judgedPath(context, edit.file_path, call);
        const { file } = await openText(real, edit);
        return await unifiedDiff(edit.file_path, file.text, replaceIn(file.text, edit).text, limits);
      } catch (error) {
        if (error instanceof ToolFailure) return undefined; // the edit would fail: there is nothing to show
        throw error;
      }
    },
  });

  async function openText(real: string, edit: EditInput): Promise<Opened> {
    return withRegularFile(real, edit.file_path, async (opened, info) => {
      const bytes = await readWhole(opened, info, limits.fileBytes, edit.file_path);
      const file = decodeText(bytes);
      if (file === undefined) throw new ToolFailure(`${edit.file_path} is binary: Edit cannot change it.`);
      return { file, bytes, info };
    });
  }
}
