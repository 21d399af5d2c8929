// A process for crash.test.ts: on each line of stdin, a worker id, tries to take that worker and says how it went.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { AworkersError } from '../../src/contract/errors.ts';
import { openStore } from '../../src/journal/store.ts';
import { resumed, tickingClock } from './fixtures.ts';

const store = openStore({ logsDir: process.argv[2] ?? '', clock: tickingClock() });
writeSync(1, 'ready\n');
for await (const id of createInterface({ input: process.stdin })) {
  try {
    const log = await store.take(id);
    if (process.argv[3] === 'dies') process.kill(process.pid, 'SIGKILL');
    await log.append(resumed(store.owner));
    writeSync(1, `won ${process.pid}\n`);
  } catch (error) {
    writeSync(1, error instanceof AworkersError ? `lost ${error.code} ${error.message}\n` : `broke ${String(error)}\n`);
  }
}
