// Owns: the one seam to the MCP SDK's client: every name of it that this room uses, and nothing else.
// Promises: loaded at the first start of a server; moving to another SDK line starts, and mostly ends, in this file.
// Never: adds behaviour. The @ts-types lines are for Deno, which does not resolve the types of the package's "./*" export.

// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/index.d.ts"
export { Client } from '@modelcontextprotocol/sdk/client/index.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/streamableHttp.d.ts"
export { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/shared/stdio.d.ts"
export { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
export {
  CallToolResultSchema,
  ListToolsResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
export type {
  CallToolResult,
  ContentBlock,
  JSONRPCMessage,
  Tool as ListedTool,
} from '@modelcontextprotocol/sdk/types.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/shared/transport.d.ts"
export type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
