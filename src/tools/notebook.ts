// Owns: a Jupyter notebook as text and images.
// Promises: cells in order with their number, kind and id; outputs bounded; what is not a notebook is left to plain Read.
// Never: runs or changes a cell.
import { z } from 'zod';
import type { ContentBlock } from '../contract/message.ts';
import type { Limits } from './limits.ts';
import { cleanTerminal, visible } from './sanitize.ts';
import { boundText } from './truncate.ts';

const text = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value.join('') : value));

const output = z.looseObject({
  text: text.optional(),
  traceback: text.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});

const notebook = z.looseObject({
  cells: z.array(
    z.looseObject({
      cell_type: z.string(),
      id: z.string().optional(),
      source: text,
      outputs: z.array(output).optional(),
    }),
  ),
});

/** undefined: not a notebook. */
export function notebookBlocks(json: string, limits: Limits): readonly ContentBlock[] | undefined {
  const parsed = notebook.safeParse(parseJson(json));
  if (!parsed.success) return undefined;
  const blocks: ContentBlock[] = [];
  let room = limits.outputBytes * 2;
  for (const [index, cell] of parsed.data.cells.entries()) {
    const outputs = (cell.outputs ?? []).map((item) => outputText(item)).filter((item) => item !== '');
    const parts = [
      `[cell ${index + 1}, ${cell.cell_type}${cell.id === undefined ? '' : `, id ${cell.id}`}]`,
      visible(cell.source),
    ];
    if (outputs.length > 0)
      parts.push('[output]', boundText(outputs.join('\n'), smaller(limits), 'Run the cell again to see all.'));
    const content = parts.join('\n');
    room -= Buffer.byteLength(content);
    if (room < 0) {
      blocks.push({
        type: 'text',
        text: `[... ${parsed.data.cells.length - index} more cells cut here. Read them with offset: lines of the raw JSON.]`,
      });
      break;
    }
    blocks.push({ type: 'text', text: content }, ...(cell.outputs ?? []).flatMap((item) => imageOf(item, limits)));
  }
  return blocks.length === 0 ? [{ type: 'text', text: '(the notebook has no cells)' }] : blocks;
}

function outputText(item: z.infer<typeof output>): string {
  const plain = text.safeParse(item.data?.['text/plain']);
  return cleanTerminal([item.text, item.traceback, plain.data].filter((part) => part !== undefined).join('\n'));
}

function imageOf(item: z.infer<typeof output>, limits: Limits): ContentBlock[] {
  const types = ['image/png', 'image/jpeg'] as const;
  return types.flatMap((media_type) => {
    const data = text.safeParse(item.data?.[media_type]).data?.replaceAll(/\s/g, '');
    if (data === undefined || data.length * 0.75 > limits.imageBytes) return [];
    return [{ type: 'image', source: { type: 'base64', media_type, data } }];
  });
}

function smaller(limits: Limits): { readonly bytes: number; readonly lines: number } {
  return { bytes: Math.floor(limits.outputBytes / 3), lines: Math.floor(limits.outputLines / 10) };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // shown as plain text then
  }
}
