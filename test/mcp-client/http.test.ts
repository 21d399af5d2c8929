// A server over streamable HTTP: headers, a session that the server forgot, a server that is not there.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import test from 'node:test';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/index.d.ts"
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/streamableHttp.d.ts"
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { reply, toolUse } from '../fakes/messages-api.ts';
import { mcpWorld, resultsOf } from './world.ts';

type Remote = {
  readonly url: string;
  readonly forget: () => void;
  readonly authorizations: ReadonlySet<string>;
  readonly sessions: () => number;
};

/** Sessions in memory; `forget` drops them all, as a restart would. */
async function remote(t: TestContext): Promise<Remote> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const authorizations = new Set<string>();
  let opened = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    authorizations.add(request.headers.authorization ?? '');
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? transports.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      response.writeHead(404).end('no such session');
      return;
    }
    const transport = known ?? (await session());
    await transport.handleRequest(request, response);
  };
  async function session(): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        opened += 1;
        transports.set(id, transport);
      },
    });
    const server = new Server({ name: 'remote', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [{ name: 'ping', inputSchema: { type: 'object' as const } }],
    }));
    server.setRequestHandler(CallToolRequestSchema, () => ({ content: [{ type: 'text', text: 'pong' }] }));
    await server.connect(transport);
    return transport;
  }
  const http: HttpServer = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    forget: () => transports.clear(),
    authorizations,
    sessions: () => opened,
  };
}

const ping = reply(toolUse('mcp__far__ping', {}));
const grants = { allow: ['mcp__far__ping'] };

test('a tool of a remote server runs, with the headers of its entry', async (t) => {
  const server = await remote(t);
  const world = await mcpWorld(t, { script: [ping, reply('done')] });
  const far = { type: 'http', url: server.url, headers: { Authorization: 'Bearer ${TOKEN}' } };
  const env = { PATH: process.env['PATH'], TOKEN: 'secret-token' };
  const { manager } = await world.app({ far }, { grants, env });
  assert.deepEqual(await resultsOf(manager), ['ok: pong']);
  assert.deepEqual([...server.authorizations], ['Bearer secret-token']);
});

test('a server that forgot the session is lost for one call, and found again by the next', async (t) => {
  const server = await remote(t);
  const world = await mcpWorld(t, {
    script: ({ replies }) => {
      if (replies === 1) server.forget();
      return replies < 3 ? ping : reply('done');
    },
  });
  const { manager } = await world.app({ far: { url: server.url } }, { grants });
  const [first, second, third] = await resultsOf(manager);
  assert.equal(first, 'ok: pong');
  assert.match(second ?? '', /^error: MCP server "far" was lost during this call/);
  assert.equal(third, 'ok: pong');
  assert.equal(server.sessions(), 2);
});

test('a remote server that is not there fails the spawn, and its query is not told', async (t) => {
  const world = await mcpWorld(t);
  const { manager } = await world.app({ far: { type: 'http', url: 'http://127.0.0.1:1/mcp?key=hush-hush' } });
  await assert.rejects(manager.spawn({ description: 'd', prompt: 'p' }), (error: Error) => {
    assert.match(error.message, /MCP server "far" .* did not start: /);
    assert.doesNotMatch(error.message, /hush/);
    return true;
  });
});
