// The first request of a worker with nothing configured, whole: every byte of it is paid by every worker.
// UPDATE_GOLDEN=1 writes it anew; read the diff.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { withWorld } from '../cli/world.ts';

const golden = fileURLToPath(new URL('../golden/first-request.json', import.meta.url));

test('with nothing configured the first request is this, to the byte', () =>
  withWorld({ script: ['Done.'] }, async ({ run, cwd, api }) => {
    // What has nothing to say costs nothing either.
    mkdirSync(join(cwd, '.claude', 'skills', 'empty'), { recursive: true });
    writeFileSync(join(cwd, 'CLAUDE.md'), ' \n');
    assert.equal((await run(['run', 'Say done.'])).code, 0);
    const body = JSON.stringify(api.requests[0]!.body, null, 2)
      .replaceAll(JSON.stringify(cwd).slice(1, -1), '<cwd>')
      .replace(/Platform: \w+/, 'Platform: <platform>')
      .replace(/Date: [\d-]{10}/, 'Date: <date>');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${body}\n`);
    assert.equal(body, JSON.stringify(JSON.parse(readFileSync(golden, 'utf8')), null, 2));
  }));
