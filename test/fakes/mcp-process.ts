// A process that serves a real manager over stdio, for the process edges, with settings that the command line does not have
// (heartbeat, message limit, faults). The model completes a worker whose prompt begins with "end" at once; any other runs on.
import process from 'node:process';
import type { TestContext } from 'node:test';
import { protectStdout, serveStdio } from '../../src/mcp/index.ts';
import { managerWorld } from '../manager/world.ts';
import { says } from './scripted-model.ts';

protectStdout();
globalThis.console.log('a dependency that prints');

if (process.argv.includes('--faulty')) {
  setTimeout(() => {
    throw new Error('a timer broke');
  }, 10);
  setTimeout(() => void Promise.reject(new Error('a promise broke')), 10);
}

const afterwards: (() => unknown)[] = [];
const world = await managerWorld({ after: (work: () => unknown) => afterwards.push(work) } as unknown as TestContext);
void answerAll();
const reason = await serveStdio({
  manager: async () => world.manager,
  info: { version: '0' },
  stdin: process.stdin,
  stdout: process.stdout,
  signals: process,
  heartbeatMs: 20,
  maxMessageBytes: Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 64 * 1024 * 1024),
  log: (line) => process.stderr.write(`${line}\n`),
});
const left = await world.manager.list();
for (const work of afterwards.toReversed()) await work();
process.stderr.write(`ended: ${reason}; workers: ${left.map((worker) => worker.status).join()}\n`, () =>
  process.exit(0),
);

async function answerAll(): Promise<void> {
  for (;;) (await world.asked('end')).answer(says('done'));
}
