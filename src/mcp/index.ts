// Owns: the door of mcp/: serving a manager over MCP.
// Promises: callers import from here only.
// Never: has code.
export { protectStdout } from './protect-stdout.ts';
export { createServer, type ServerOptions } from './server.ts';
export { serveStdio } from './stdio.ts';
