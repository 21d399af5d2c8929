// More requests at once than Bun's fetch runs by itself, in the compiled binary: the API answers nobody before all have asked.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { sendText, withServer } from '../model/wire.ts';
import { withShell } from './shell.ts';

const total = 300;

test(
  `${total} workers ask at once`,
  { skip: process.platform === 'win32' && 'no process replaces itself there' },
  async () => {
    const waiting: (() => void)[] = [];
    await withServer(
      (response) => {
        waiting.push(() => sendText(response, 'done'));
        if (waiting.length === total) for (const send of waiting) send();
      },
      async ({ url }) => {
        await withShell({}, async ({ folder, run }) => {
          const lines = Array.from({ length: total }, (_, n) => `${JSON.stringify({ prompt: `Do task ${n}` })}\n`);
          writeFileSync(join(folder, 'tasks.jsonl'), lines.join(''));
          const env = { ANTHROPIC_BASE_URL: url };
          const byFlag = await run(['run', '-f', 'tasks.jsonl', `--concurrency=${total}`], { env });
          assert.equal(byFlag.code, 0, byFlag.stderr);
          waiting.length = 0;
          const variable = { ...env, AWORKERS_MAX_CONCURRENCY: String(total) };
          const byVariable = await run(['run', '-f', 'tasks.jsonl', '--out', 'out.jsonl'], { env: variable });
          assert.equal(byVariable.code, 0, byVariable.stderr);
        });
      },
    );
  },
);
