// Owns: the door of the room.
export { createPathResolver } from './paths.ts';
export { type RipgrepChild, runRipgrepChild } from './ripgrep.ts';
export { openToolset, toolNames, type ToolsetOptions } from './toolset.ts';
