// Owns: the door of mcp/: serving a manager over MCP.
// Promises: callers import from here only.
// Never: has code.
export { protectStdout } from './protect-stdout.ts';
export { createServer, serverName, type ServerInfo, type ServerOptions } from './server.ts';
export { type ExitReason, serveStdio, type SignalSource, type StdioOptions } from './stdio.ts';
