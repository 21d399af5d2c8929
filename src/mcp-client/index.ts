// Owns: the door of the room.
export { type ConfigWorld, readServers, type ServerConfig } from './config.ts';
export { McpServers } from './servers.ts';
export { toolName } from './names.ts';
export { mcpToolNames } from './tools.ts';
