// Owns: which tools there are, in the order they are listed.
// Promises: the names are those of the contract and do not change.
// Never: holds one.
import type { Tool } from '../tool.ts';
import { approvePermission } from './approve-permission.ts';
import { listWorkers } from './list-workers.ts';
import { resumeWorker } from './resume-worker.ts';
import { spawnWorker } from './spawn-worker.ts';
import { stopWorker } from './stop-worker.ts';
import { wait } from './wait.ts';

export const tools: readonly Tool[] = [spawnWorker, wait, resumeWorker, approvePermission, listWorkers, stopWorker];
