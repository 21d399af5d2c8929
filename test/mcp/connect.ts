// A client joined to a server in memory, through the SDK's own client.
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/index.d.ts"
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/inMemory.d.ts"
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import type { CallToolResult, ClientCapabilities, JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { WorkerManager } from '../../src/contract/manager.ts';
import { createServer, type ServerOptions } from '../../src/mcp/index.ts';

export type Connected = {
  readonly client: Client;
  /** Everything the server sent, in order. */
  readonly sent: JSONRPCMessage[];
  readonly logged: string[];
  readonly call: (
    name: string,
    args?: Record<string, unknown>,
    options?: Parameters<Client['callTool']>[2],
  ) => Promise<CallToolResult>;
};

export async function connect(
  manager: WorkerManager,
  options: ServerOptions = {},
  capabilities: ClientCapabilities = {},
  prepare: (client: Client) => void = () => undefined,
): Promise<Connected> {
  const logged: string[] = [];
  const sent: JSONRPCMessage[] = [];
  const client = new Client({ name: 'test', version: '0' }, { capabilities });
  prepare(client);
  const [here, there] = InMemoryTransport.createLinkedPair();
  const send = there.send.bind(there);
  there.send = (message, sendOptions) => {
    sent.push(message);
    return send(message, sendOptions);
  };
  await createServer(
    async () => manager,
    { version: '1.2.3' },
    { log: (line) => logged.push(line), ...options },
  ).connect(there);
  await client.connect(here);
  // Caching the output schemas makes the client check every structuredContent against them.
  await client.listTools();
  return {
    client,
    sent,
    logged,
    call: async (name, args = {}, callOptions) =>
      (await client.callTool({ name, arguments: args }, undefined, callOptions)) as CallToolResult,
  };
}

export function textsOf(result: CallToolResult): string[] {
  return result.content.map((block) => (block.type === 'text' ? block.text : `(${block.type})`));
}
