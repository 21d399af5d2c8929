// The bash script in a real bash; all scripts know every command and flag.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { cli } from './cli-io.ts';

const hasBash = spawnSync('bash', ['--version']).status === 0;
const script = (await cli(['completions', 'bash'])).stdout;

function complete(...words: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'aworkers-completions-'));
  try {
    writeFileSync(join(folder, 'task.md'), '');
    const line = `COMP_WORDS=(aworkers "$@"); COMP_CWORD=$#; _aworkers; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync('bash', ['--norc', '-c', `${script}\n${line}`, 'bash', ...words], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return output.split('\n').filter((word) => word !== '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const table: readonly (readonly [words: readonly string[], expected: readonly string[]])[] = [
  [['sh'], ['show']],
  [['permissions', ''], ['explain']],
  [['permissions', 'explain', '--pa'], ['--path']],
  [
    ['run', '--max-t'],
    ['--max-tokens', '--max-turns'],
  ],
  [
    ['run', '--effort', ''],
    ['low', 'medium', 'high', 'xhigh', 'max'],
  ],
  [['run', '--effort', 'x'], ['xhigh']],
  [['run', '@ta'], ['@task.md']],
  [['run', '--cwd', 'ta'], ['task.md']],
  [
    ['logs', '-'],
    ['--follow', '--format', '--logs-dir', '--help'],
  ],
  [['completions', 'f'], ['fish']],
  [['nonsense', '--'], ['--help']],
];

for (const [words, expected] of table) {
  test(`bash completes: aworkers ${words.join(' ')}`, { skip: hasBash ? false : 'there is no bash' }, () =>
    assert.deepEqual(complete(...words), expected),
  );
}

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`the ${shell} script names every command and every flag`, async () => {
    const { code, stdout, stderr } = await cli(['completions', shell]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const missing: string[] = [];
    for (const [name, { load }] of Object.entries(commands)) {
      const flags = Object.entries((await load()).args).filter(([, flag]) => flag.type !== 'positional');
      const spelled = flags.map(([flag]) => (shell === 'fish' ? `-l ${flag}` : `--${flag}`));
      missing.push(...[...name.split(' '), ...spelled].filter((word) => !stdout.includes(word)));
    }
    assert.deepEqual(missing, []);
  });
}
