// Owns: a stdio MCP server under an HTTP address, for the conformance suite, which knows HTTP only.
// Promises: one child for each HTTP session; every message passes unread and unchanged in both directions. Progress goes to the
// stream of its request, any other message of the server to that of the newest open request.
// Never: listens beyond 127.0.0.1, or outlives close().
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';

export type Bridge = { readonly url: string; readonly close: () => Promise<void> };

export type Command = { readonly program: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };

export async function startBridge(command: Command, cwd: string): Promise<Bridge> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const children: ChildProcess[] = [];
  const server = createServer((request, response) => {
    const session = sessions.get(String(request.headers['mcp-session-id'])) ?? open();
    session.handleRequest(request, response).catch((error: unknown) => {
      console.error(`bridge: ${request.method ?? ''} failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  function open(): StreamableHTTPServerTransport {
    const http: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, http);
        children.push(join(http, command, cwd));
      },
      enableDnsRebindingProtection: true,
      allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    });
    return http;
  }

  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      const ends = children.filter((child) => child.exitCode === null).map((child) => once(child, 'exit'));
      for (const child of children) child.stdin?.end();
      server.closeAllConnections();
      server.close();
      await Promise.all(ends);
    },
  };
}

function join(http: StreamableHTTPServerTransport, command: Command, cwd: string): ChildProcess {
  const child = spawn(command.program, command.args, { cwd, env: command.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const open: { readonly id: RequestId; readonly progressToken: unknown }[] = [];
  Object.assign(http, {
    onmessage: (message) => {
      if ('method' in message && 'id' in message) {
        open.push({ id: message.id, progressToken: message.params?.['_meta']?.progressToken });
      }
      child.stdin.write(`${JSON.stringify(message)}\n`);
    },
  } satisfies Partial<Transport>);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as JSONRPCMessage;
    const answers = !('method' in message);
    const at = open.findIndex(({ id }) => answers && id === message.id);
    if (at >= 0) open.splice(at, 1);
    const token = 'method' in message ? message.params?.['progressToken'] : undefined;
    const related = open.findLast(({ progressToken }) => token === undefined || token === progressToken);
    http.send(message, answers || related === undefined ? {} : { relatedRequestId: related.id }).catch(
      // The client has left: the suite closes sessions without a word.
      (error: unknown) => console.error(`bridge: not delivered: ${String(error)}`),
    );
  });
  return child;
}
