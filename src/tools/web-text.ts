// Owns: bytes of a web page to text: which kind it is, in which charset it was written.
// Promises: the charset is that of the byte order mark, the header or the page itself, else UTF-8, else Latin-1; no
// malformed byte stops it.
// Never: lets through what is no text.
import { grouped } from '../contract/text.ts';
import { ToolFailure } from './define-tool.ts';
import { looksBinary } from './sanitize.ts';
import type { Page } from './web-request.ts';

export type PageText = { readonly kind: 'html' | 'text'; readonly text: string };

const html = /^(text\/html|application\/xhtml\+xml)$/;
const plain =
  /^(text\/.+|application\/(json|xml|javascript|ecmascript|x-javascript|yaml|x-yaml|toml|sql|graphql|rtf|x-sh|x-ndjson|jsonl|ld\+json)|(application|image|model)\/.+\+(json|xml|yaml))$/;

export function pageText(page: Page): PageText {
  const { mediaType, body, url } = page;
  const named = mediaType !== '' && mediaType !== 'application/octet-stream';
  if (named && !html.test(mediaType) && !plain.test(mediaType)) throw noText(page, mediaType);
  const text = decode(body, page.charset, !named || html.test(mediaType));
  if (looksBinary(text)) throw noText(page, 'binary data');
  const start = text.slice(0, 1_000).trimStart().toLowerCase();
  const isHtml = html.test(mediaType) || (!named && /^(<!doctype html|<html|<head|<body)/.test(start));
  if (text.trim() === '') throw new ToolFailure(`${url.href} is empty.`);
  return { kind: isHtml ? 'html' : 'text', text };
}

function noText({ url, body, cut }: Page, what: string): ToolFailure {
  const size = `${cut ? 'more than ' : ''}${grouped(body.length)} bytes`;
  return new ToolFailure(`${url.href} is ${what} (${size}), not text. Download it with Bash if you need it.`);
}

function decode(body: Buffer, named: string | undefined, mayNameItself: boolean): string {
  const charset = markOf(body) ?? named ?? (mayNameItself ? ownName(body) : undefined);
  return (charset === undefined ? undefined : tryDecode(body, charset, false)) ?? guess(body);
}

/** Text without a name: a cut page may end inside a character, so its last bytes do not count. */
function guess(body: Buffer): string {
  return tryDecode(body.subarray(0, Math.max(0, body.length - 4)), 'utf-8', true) === undefined
    ? body.toString('latin1')
    : body.toString('utf8');
}

/** undefined: no such charset, or bytes that it has not. */
function tryDecode(body: Buffer, charset: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal }).decode(body);
  } catch {
    return undefined; // RangeError for the name, TypeError for the bytes: the caller has the next guess
  }
}

function markOf(body: Buffer): string | undefined {
  const mark = body.subarray(0, 3).toString('hex');
  if (mark === 'efbbbf') return 'utf-8';
  if (mark.startsWith('fffe')) return 'utf-16le';
  return mark.startsWith('feff') ? 'utf-16be' : undefined;
}

/** `<meta charset>`, its older form, or the XML declaration, within the first bytes as the HTML standard has it. */
function ownName(body: Buffer): string | undefined {
  const start = body.subarray(0, 2_048).toString('latin1');
  return (/<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(start) ??
    /^<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i.exec(start))?.[1];
}
