// Owns: the door of the room.
export { type ConfigProblem, type ConfigWorld, readServers, type ServerConfig } from './config.ts';
export type { Host } from './host.ts';
export { McpServers } from './servers.ts';
export { mcpToolNames } from './tools.ts';
