// Owns: images and PDFs as the block types that the Messages API takes.
// Promises: told by content, not by name; beyond the API's limits a failure that says what to do.
// Never: converts or scales.
import type { ContentBlock } from '../contract/message.ts';
import { grouped } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';
import type { Limits } from './limits.ts';
import { type FileInfo, type OpenFile, readWhole } from './open-file.ts';

const kinds = [
  { media: 'image/png', starts: '89504e470d0a1a0a' },
  { media: 'image/jpeg', starts: 'ffd8ff' },
  { media: 'image/gif', starts: '47494638' },
  { media: 'image/webp', starts: '52494646', at8: '57454250' },
  { media: 'application/pdf', starts: '255044462d' },
] as const;

type MediaKind = (typeof kinds)[number];

/** By the first bytes of a file; undefined: neither image nor PDF. */
export function mediaKind(start: Buffer): MediaKind | undefined {
  const hex = start.toString('hex', 0, 12);
  return kinds.find((each) => hex.startsWith(each.starts) && (!('at8' in each) || hex.startsWith(each.at8, 16)));
}

/** `held`: the whole file, where it was read already. */
export async function mediaBlocks(
  kind: MediaKind,
  file: OpenFile,
  info: FileInfo,
  held: Buffer | undefined,
  shown: string,
  limits: Limits,
): Promise<readonly ContentBlock[]> {
  const isImage = kind.media !== 'application/pdf';
  const limit = isImage ? limits.imageBytes : limits.pdfBytes;
  const size = held?.length ?? info.size;
  if (size > limit) {
    const advice = isImage
      ? 'Scale it down with Bash first.'
      : 'Extract its text (pdftotext) or some pages with Bash first.';
    throw new ToolFailure(`${shown} has ${grouped(size)} bytes; the API takes ${grouped(limit)}. ${advice}`);
  }
  const data = (held ?? (await readWhole(file, info, limit, shown))).toString('base64');
  const type = isImage ? 'image' : 'document';
  return [{ type, source: { type: 'base64', media_type: kind.media, data } }];
}
