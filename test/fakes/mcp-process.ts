// A process that serves the in-memory manager over stdio, for the process edges. A worker whose prompt is "end" completes
// at once with its description as result; "ask" asks for a permission; any other runs until the process ends.
import { once } from 'node:events';
import process from 'node:process';
import type { Spawned } from '../../src/contract/manager.ts';
import type { Task } from '../../src/contract/task.ts';
import { protectStdout, serveStdio } from '../../src/mcp/index.ts';
import { InMemoryManager } from './in-memory-manager.ts';

protectStdout();
// eslint-disable-next-line no-console
console.log('a dependency that prints');

class PromptedManager extends InMemoryManager {
  override async spawn(task: Task): Promise<Spawned> {
    const spawned = await super.spawn(task);
    if (task.prompt === 'end') this.complete(spawned.worker_id, task.description);
    if (task.prompt === 'ask') this.ask(spawned.worker_id);
    return spawned;
  }
}

const manager = new PromptedManager();
const reason = await serveStdio({
  manager,
  info: { version: '0' },
  stdin: process.stdin,
  stdout: process.stdout,
  signals: process,
  heartbeatMs: 20,
  maxMessageBytes: Number(process.argv[2] ?? 64 * 1024 * 1024),
  log: (line) => process.stderr.write(`${line}\n`),
});
if (!process.stderr.write(`ended: ${reason}; closed: ${manager.closedFor.join()}\n`))
  await once(process.stderr, 'drain');
process.exit(0);
