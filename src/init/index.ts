// Owns: the door of the room: what the CLI and tests may use of it.
export type { Plan } from './change.ts';
export { type HostName, hostNames, hosts } from './hosts.ts';
export { planInit } from './plan.ts';
export { planRemove } from './plan-remove.ts';
export { hostsInUse, type Request } from './request.ts';
export { inPath } from './server.ts';
export { diffOf } from './show.ts';
export { carryOut } from './write.ts';
