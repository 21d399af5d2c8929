// Owns: the door of the room: what app, manager and tests may use of it.
export { denyApprover } from './approvers.ts';
export { createGate, type Gate } from './gate.ts';
export { type GrantInput, type Grants, grants, type Settings } from './grants.ts';
export { createPolicy, deniesReading, removesTool } from './policy.ts';
export { parseRule } from './rules.ts';
export type { PolicyInput } from './world.ts';
