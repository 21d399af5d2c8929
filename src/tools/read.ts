// Owns: the Read tool.
// Promises: text comes numbered as `cat -n` does, bounded, every cut said with the offset that continues it; a file read is
// remembered, so that Edit and Write know what the worker saw.
// Never: opens anything but a regular file.
import { z } from 'zod';
import type { ContentBlock } from '../contract/message.ts';
import type { Tool } from '../contract/ports.ts';
import { beginning, counted, grouped } from '../contract/text.ts';
import type { ToolContext } from './context.ts';
import { bindTool, ToolFailure } from './define-tool.ts';
import { judgedPath } from './judged-path.ts';
import type { Limits } from './limits.ts';
import { notebookBlocks } from './notebook.ts';
import { type OpenFile, readWhole, withRegularFile } from './open-file.ts';
import { mediaBlocks, mediaKind } from './read-media.ts';
import { linesOfLargeFile } from './read-lines.ts';
import { visible } from './sanitize.ts';
import { decodeText } from './text-file.ts';

export const readDefinition = {
  name: 'Read',
  description:
    'Read a file. Text comes with line numbers (number, tab, line): the first 2,000 lines, or those that offset and limit name; very long lines are cut. Shows images, PDFs and notebooks too.',
  input: z.strictObject({
    file_path: z.string().min(1),
    offset: z.int().min(1).optional().describe('First line, from 1'),
    limit: z.int().min(1).optional().describe('Number of lines'),
  }),
  access: 'read',
} as const;

type Range = { readonly first: number; readonly count: number };

export function readTool(context: ToolContext): Tool {
  const { limits, memory } = context;
  return bindTool(readDefinition, {
    async run({ file_path: shown, offset, limit }, signal, call) {
      const real = judgedPath(context, shown, call);
      const range = { first: offset ?? 1, count: limit ?? limits.readLines };
      return withRegularFile(real, shown, async (file, info) => {
        const whole = () => readWhole(file, info, limits.fileBytes, shown);
        const held = info.size <= Math.min(limits.imageBytes, limits.fileBytes) ? await whole() : undefined;
        const kind = mediaKind(held ?? (await beginningOf(file)));
        if (kind !== undefined) return mediaBlocks(kind, file, info, held, shown, limits);
        if (info.size > limits.fileBytes) {
          const part = await linesOfLargeFile(file, range, limits, signal);
          memory.remember(real, info, undefined);
          return numbered(part.lines, range, limits, part.total);
        }
        const bytes = held ?? (await whole());
        memory.remember(real, info, bytes);
        return textOrNotebook(bytes, shown, range, limits);
      });
    },
  });
}

/** The next read then begins at the start all the same. */
async function beginningOf(file: OpenFile): Promise<Buffer> {
  const start = Buffer.alloc(12);
  return start.subarray(0, await file.read(start, 0));
}

function textOrNotebook(bytes: Buffer, shown: string, range: Range, limits: Limits): string | readonly ContentBlock[] {
  const file = decodeText(bytes);
  if (file === undefined) {
    throw new ToolFailure(
      `${shown} is binary (${counted(bytes.length, 'byte')}). Look at it with file, xxd or strings in Bash.`,
    );
  }
  if (file.text === '') return '(the file is empty)';
  if (shown.endsWith('.ipynb') && range.first === 1) {
    const blocks = notebookBlocks(file.text, limits);
    if (blocks !== undefined) return blocks;
  }
  const lines = linesOf(file.text);
  return numbered(lines.slice(range.first - 1, range.first - 1 + range.count), range, limits, lines.length);
}

const blanks = ' '.repeat(6);

/** `total` is undefined when the end of the file was not reached. */
function numbered(lines: readonly string[], range: Range, limits: Limits, total: number | undefined): string {
  if (lines.length === 0) {
    throw new ToolFailure(`offset ${range.first} is past the end: the file has ${counted(total ?? 0, 'line')}.`);
  }
  const shown: string[] = [];
  let bytes = 0;
  for (const each of lines) {
    const number = String(range.first + shown.length);
    const line = cutLine(visible(each), limits.lineChars);
    bytes += Math.max(number.length, blanks.length) + Buffer.byteLength(line) + 2;
    if (bytes > limits.outputBytes * 2 && shown.length > 0) break;
    shown.push(`${blanks.slice(number.length)}${number}\t${line}`);
  }
  const next = range.first + shown.length;
  if (total !== undefined && next > total) return shown.join('\n');
  const known = total === undefined ? '' : ` of ${grouped(total)}`;
  return `${shown.join('\n')}\n[Lines ${grouped(range.first)} to ${grouped(next - 1)}${known}. Continue with offset ${next}.]`;
}

function linesOf(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function cutLine(line: string, limit: number): string {
  if (line.length <= limit) return line;
  return `${beginning(line, limit)} [... ${counted(line.length - limit, 'character')} cut]`;
}
