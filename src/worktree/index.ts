// Owns: the door of the room.
export { createWorktrees } from './worktrees.ts';
