// Owns: the work of the hidden sub-command that turns a page into Markdown: {url, html} as JSON on stdin, {title, markdown}
// on stdout. A door of its own, so that the child loads nothing else of the room.
// Promises: reaches no network, whatever the page: the library would fetch more for some sites.
// Never: runs in the process that runs workers: a large page takes seconds, and a hostile one more.
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const inputSchema = z.object({ url: z.string(), html: z.string() });

export async function runHtmlChild(): Promise<number> {
  const { url, html: given } = inputSchema.parse(JSON.parse(await text(process.stdin)));
  const html = withBody(given);
  const { Defuddle } = await import('defuddle/node');
  const page = await Defuddle(html, url, { markdown: true, useAsync: false });
  const markdown = page.content.trim() === '' ? await plainText(html) : page.content;
  await new Promise((resolve) => process.stdout.write(JSON.stringify({ title: page.title, markdown }), resolve));
  return 0;
}

/** The parser finds nothing in a page that leaves out <body>, as HTML allows. */
function withBody(html: string): string {
  if (/<body[\s>]/i.test(html)) return html;
  return `<!doctype html><html><head></head><body>${html.replace(/^\s*<!doctype[^>]*>/i, '')}</body></html>`;
}

/** A page in which no article was found. */
async function plainText(html: string): Promise<string> {
  const { parseHTML } = await import('linkedom');
  const { document } = parseHTML(html);
  for (const element of document.querySelectorAll('script, style, noscript, template, title')) element.remove();
  return (document.body?.textContent ?? '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\s*\n\s*/g, '\n')
    .trim();
}
