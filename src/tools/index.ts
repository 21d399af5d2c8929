// Owns: the door of the room.
export { defaultLimits } from './limits.ts';
export { createPathResolver } from './paths.ts';
export type { RipgrepChild } from './ripgrep.ts';
export {
  openSandbox,
  type OpenedSandbox,
  type Sandbox,
  type SandboxMode,
  type SandboxSettings,
  sandboxStatus,
  type SandboxStatus,
} from './sandbox.ts';
export { startServerProcess } from './server-process.ts';
export { boundOutput } from './bound-output.ts';
export type { FindSkills } from './skill.ts';
export { extraToolNames, openToolset, toolNames, type ToolsetOptions } from './toolset.ts';
