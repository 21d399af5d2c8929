// Owns: the door of the room.
export { defaultLimits } from './limits.ts';
export { createPathResolver } from './paths.ts';
export { findProgram } from './program.ts';
export { openSandbox, sandboxStatus } from './sandbox.ts';
export { startServerProcess } from './server-process.ts';
export { boundOutput } from './bound-output.ts';
export { extraToolNames, openToolset, toolNames, type ToolsetOptions } from './toolset.ts';
