// A small MCP server over stdio. Arguments: --log FILE notes each start, call and cancellation there, a line each; --many N adds N
// tools; --mute never answers; --crash ends at once.
import { appendFileSync } from 'node:fs';
import process from 'node:process';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/index.d.ts"
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/stdio.d.ts"
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { pixel } from './pixel.ts';

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : (process.argv[at + 1] ?? '');
};
const log = option('--log');
const note = (line: string): void => {
  if (log !== undefined) appendFileSync(log, `${line}\n`);
};

note(`started ${process.pid}`);
process.stderr.write('tiny server here\n');
process.stdout.write('a line that is no message\n');
if (process.argv.includes('--crash')) {
  process.stderr.write(`no database, token ${process.env['TINY_TOKEN'] ?? ''}\n`);
  process.exit(3);
}
if (process.argv.includes('--mute')) await new Promise(() => setInterval(() => undefined, 1_000));

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

const answers: Readonly<Record<string, (input: Record<string, unknown>) => CallToolResult | Promise<CallToolResult>>> =
  {
    echo: (input) => text(`echo ${JSON.stringify(input)}`),
    peek: () => text('peeked'),
    'dotted.name': () => text('dotted'),
    environment: () => text(JSON.stringify(process.env)),
    fail: () => ({ ...text('it did not work'), isError: true }),
    mixed: () => ({
      content: [
        { type: 'text', text: 'one \u001b[31mred\u001b[0m' },
        { type: 'image', data: pixel, mimeType: 'image/png' },
        { type: 'image', data: 'bm90IGFuIGltYWdl', mimeType: 'image/png' },
        { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'file:///a.txt', name: 'a', mimeType: 'text/plain' },
        { type: 'resource', resource: { uri: 'note://1', mimeType: 'text/plain', text: 'the note' } },
        { type: 'resource', resource: { uri: 'bin://1', mimeType: 'application/zip', blob: 'AAAAAAAA' } },
      ],
      structuredContent: { answer: 42 },
    }),
    twice: () => ({ ...text('{"answer": 42}'), structuredContent: { answer: 42 } }),
    flood: () => text('x'.repeat(100_000)),
    die: () => process.exit(7),
    hang: () => new Promise(() => undefined),
  };

const many = Array.from({ length: Number(option('--many') ?? 0) }, (_, at) => ({
  name: `tool_${at}`,
  description: `${at === 7 ? 'Measures rainfall' : 'Does something'} (${at}). ${'Words to fill the page. '.repeat(20)}`,
  inputSchema: { type: 'object' as const, properties: { place: { type: 'string' } } },
}));

const server = new Server({ name: 'tiny', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
  const own = Object.keys(answers).map((name) => ({
    name,
    description: `The ${name} tool.`,
    inputSchema: { type: 'object' as const },
    ...(name === 'peek' ? { annotations: { readOnlyHint: true } } : {}),
  }));
  // Two pages.
  return params?.cursor === undefined ? { tools: own, nextCursor: '2' } : { tools: many };
});
server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
  note(`called ${params.name}`);
  const cancelled = () => note(`cancelled ${params.name}`);
  if (signal.aborted)
    cancelled(); // both came in one piece
  else signal.addEventListener('abort', cancelled);
  const answer = answers[params.name];
  if (answer !== undefined) return answer(params.arguments ?? {});
  if (many.some(({ name }) => name === params.name)) return text(`${params.name} ran`);
  throw new Error(`no tool ${params.name}`);
});
await server.connect(new StdioServerTransport());
