// Owns: the scripted Messages API of the bench, a process of its own, as lean as it can be: it checks nothing.
// Promises: each request gets, at the pace of the flags, a reply with one tool use, and the last of a conversation plain text;
// GET /stats tells what was asked since POST /reset. Prints its address.
// Never: keeps a conversation: what a request holds says which turn it is.
import process from 'node:process';
import { readSettings } from './settings.ts';

export type ApiStats = {
  readonly requests: number;
  /** Replies that were sent to their end. */
  readonly replies: number;
  readonly most_at_once: number;
  /** Milliseconds since the epoch. */
  readonly first_request_at: number;
  readonly last_reply_at: number;
  readonly first_request_characters: number;
  readonly sent_characters: number;
};

const [certificate, key, ...flags] = process.argv.slice(2);
const { turns, ttft, pace, tokens, tool, command } = readSettings(flags);
/** Tokens of one delta: the real API sends a few at a time. */
const deltaTokens = 4;
const words = 'word '.repeat(deltaTokens);
const inputs = { Read: { file_path: 'notes.txt' }, Bash: { command }, Glob: { pattern: '*.txt' } };

const none = { requests: 0, replies: 0, most_at_once: 0, first_request_at: 0, last_reply_at: 0 };
const stats = { ...none, first_request_characters: 0, sent_characters: 0 };
let open = 0;

const now = (): number => performance.timeOrigin + performance.now();
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const encoder = new TextEncoder();
const event = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const usage = { input_tokens: 900, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
const start = (turn: number): string =>
  event({
    type: 'message_start',
    message: {
      id: `msg_${turn}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  } as { type: string }) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string });
const delta = encoder.encode(
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } } as { type: string }),
);

function end(turn: number): string {
  const uses = turn < turns;
  const block = { type: 'tool_use', id: `toolu_${turn}`, name: tool, input: {} };
  const json = { type: 'input_json_delta', partial_json: JSON.stringify(inputs[tool]) };
  const events: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
    { type: 'content_block_stop', index: 0 },
    ...(uses
      ? [
          { type: 'content_block_start', index: 1, content_block: block },
          { type: 'content_block_delta', index: 1, delta: json },
          { type: 'content_block_stop', index: 1 },
        ]
      : []),
    {
      type: 'message_delta',
      delta: { stop_reason: uses ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: tokens },
    },
    { type: 'message_stop' },
  ];
  return events.map(event).join('');
}

async function answer(request: Request): Promise<Response> {
  const arrived = now();
  open += 1;
  stats.requests += 1;
  if (stats.requests === 1) stats.first_request_at = arrived;
  stats.most_at_once = Math.max(stats.most_at_once, open);
  const body = await request.text();
  if (stats.requests === 1) stats.first_request_characters = body.length;
  stats.sent_characters += body.length;
  const turn = body.split('"type":"tool_result"').length - 1;
  const begun = performance.now();
  async function* reply(): AsyncGenerator<Uint8Array> {
    await pause(Math.max(0, begun + ttft - performance.now()));
    yield encoder.encode(start(turn));
    for (let sent = 0; sent < tokens; sent += deltaTokens) {
      // Against the clock of the reply, so that late timers do not add up.
      const due = begun + ttft + (Math.min(tokens, sent + deltaTokens) / pace) * 1_000;
      await pause(Math.max(0, due - performance.now()));
      yield delta;
    }
    open -= 1;
    stats.replies += 1;
    stats.last_reply_at = now();
    yield encoder.encode(end(turn));
  }
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': `req_${stats.requests}` };
  return new Response(reply() as unknown as ReadableStream, { headers });
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  ...(certificate === undefined || certificate === '-' || key === undefined
    ? {}
    : { tls: { cert: Bun.file(certificate), key: Bun.file(key) } }),
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/v1/messages') return answer(request);
    if (pathname === '/stats') return Response.json(stats satisfies ApiStats);
    if (pathname !== '/reset') return new Response('no such path', { status: 404 });
    Object.assign(stats, none, { first_request_characters: 0, sent_characters: 0 });
    return new Response('reset');
  },
});
console.log(server.url.origin);
