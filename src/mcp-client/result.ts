// Owns: a server's answer as a tool's output.
// Promises: nothing is dropped without a word; text is bounded as a whole, images are few and within the API's limits; an error
// is text alone, as the API wants it.
// Never: fetches what a link points to.
import { isDeepStrictEqual } from 'node:util';
import type { ContentBlock } from '../contract/message.ts';
import type { ToolOutput } from '../contract/ports.ts';
import type { Host } from './host.ts';
import { imageBlock } from './image.ts';
import type { CallToolResult, ContentBlock as ServerBlock } from './sdk.ts';

const maxImages = 5;

type Part = { readonly text: string } | { readonly image: ContentBlock };

export function toolOutput(result: CallToolResult, { bound, maxImageBytes }: Host): ToolOutput {
  const is_error = result.isError === true;
  const parts = result.content.map((block) => partOf(block, maxImageBytes));
  const texts: string[] = [];
  const images: ContentBlock[] = [];
  for (const part of parts) {
    if ('text' in part) texts.push(part.text);
    else if (is_error) texts.push('[image: not shown, as this is an error]');
    else if (images.length === maxImages) texts.push(`[image: not shown, only ${maxImages} are shown of one result]`);
    else texts.push(`[image ${images.push(part.image)}]`);
  }
  const { structuredContent } = result;
  if (structuredContent !== undefined && !texts.some((text) => saysTheSame(text, structuredContent))) {
    texts.push(JSON.stringify(structuredContent, null, 1));
  }
  const text = bound(texts.filter((each) => each.trim() !== '').join('\n\n'));
  const shown = text.trim() === '' ? '(no output)' : text;
  return { content: images.length === 0 ? shown : [{ type: 'text', text: shown }, ...images], is_error };
}

function partOf(block: ServerBlock, maxImageBytes: number): Part {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
      return imagePart(block.data, 'image', maxImageBytes);
    case 'audio':
      return { text: `[audio, ${block.mimeType}: cannot be shown]` };
    case 'resource_link': {
      const about = [block.mimeType, block.description].filter((each) => each !== undefined).join(', ');
      return { text: `[Resource link: ${block.title ?? block.name}] ${block.uri}${about === '' ? '' : ` (${about})`}` };
    }
    case 'resource': {
      const { resource } = block;
      const label = `Resource ${resource.uri}${resource.mimeType === undefined ? '' : `, ${resource.mimeType}`}`;
      if ('text' in resource) return { text: `[${label}]\n${resource.text}` };
      if (resource.mimeType?.startsWith('image/') === true) return imagePart(resource.blob, label, maxImageBytes);
      return { text: `[${label}: ${Math.floor(resource.blob.length * 0.75)} bytes of binary data, not shown]` };
    }
  }
}

function imagePart(data: string, label: string, maxBytes: number): Part {
  const image = imageBlock(data, maxBytes);
  return typeof image === 'string' ? { text: `[${label}: not shown, ${image}]` } : { image };
}

/** Servers are asked to repeat structured content as text; saying it twice would cost twice. */
function saysTheSame(text: string, value: unknown): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    return false; // prose that begins with a bracket
  }
}
