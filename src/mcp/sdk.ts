// Owns: the one seam to the MCP SDK: every name of it that this room uses, and nothing else.
// Promises: moving to another SDK line starts, and mostly ends, in this file. The low-level Server is used on purpose: the
// high-level one checks tool input itself, and its words for an unknown key would replace ours.
// Never: adds behaviour. The @ts-types lines are for Deno, which does not resolve the types of the package's "./*" export.

// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/index.d.ts"
export { Server } from '@modelcontextprotocol/sdk/server/index.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/validation/ajv-provider.d.ts"
export { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
export {
  ErrorCode,
  JSONRPCMessageSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
export type {
  CallToolResult,
  JSONRPCMessage,
  ProgressToken,
  RequestId,
  Resource,
  Tool as ListedTool,
} from '@modelcontextprotocol/sdk/types.js';
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/shared/transport.d.ts"
export type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
