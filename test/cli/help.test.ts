// The help of every command, whole, against test/golden/help. UPDATE_GOLDEN=1 writes the files anew; read the diff.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { commandNames, commands } from '../../src/cli/commands.ts';
import { workerFlags } from '../../src/cli/flags.ts';
import { optionNames } from '../../src/contract/options.ts';
import { cli } from './cli-io.ts';

const folder = fileURLToPath(new URL('../golden/help', import.meta.url));
const update = process.env['UPDATE_GOLDEN'] === '1';
mkdirSync(folder, { recursive: true });

const pages = [
  { file: 'aworkers.txt', argv: ['--help'] },
  ...commandNames.map((name) => ({ file: `${name.replaceAll(' ', '-')}.txt`, argv: [...name.split(' '), '--help'] })),
];

for (const { file, argv } of pages) {
  test(`help: aworkers ${argv.join(' ')}`, async () => {
    const ran = await cli(argv);
    if (update) writeFileSync(`${folder}/${file}`, ran.stdout);
    assert.deepEqual(ran, { code: 0, stdout: readFileSync(`${folder}/${file}`, 'utf8'), stderr: '' });
  });
}

test('there is no golden file without a command', () => {
  assert.deepEqual(readdirSync(folder).toSorted(), pages.map(({ file }) => file).toSorted());
});

test('every argument and flag of every command is in its help, and no line is longer than 100 columns', async () => {
  const missing: string[] = [];
  for (const [name, { load }] of Object.entries(commands)) {
    const { stdout } = await cli(['help', ...name.split(' ')]);
    for (const [flag, { type }] of Object.entries((await load()).args)) {
      const shown = type === 'positional' ? new RegExp(`^ {2}[<[]${flag}[>\\]]`, 'm') : new RegExp(`--${flag}\\b`);
      if (!shown.test(stdout)) missing.push(`${name}: ${flag}`);
    }
    const long = stdout.split('\n').filter((line) => line.length > 100 && !line.startsWith('  aworkers '));
    assert.deepEqual(long, [], name);
  }
  assert.deepEqual(missing, []);
});

test('every worker option is a flag of run', async () => {
  const flags = Object.keys((await commands['run']!.load()).args);
  assert.deepEqual(
    optionNames()
      .map((name) => name.replaceAll('_', '-'))
      .filter((name) => !flags.includes(name)),
    [],
  );
  assert.ok(Object.keys(workerFlags).length > 10);
});

test('a bare aworkers in a terminal shows the help; -h and help do the same', async () => {
  const help = await cli(['--help']);
  assert.deepEqual(await cli([]), help);
  assert.deepEqual(await cli(['-h']), help);
  assert.deepEqual(await cli(['help']), help);
  assert.deepEqual(await cli(['run', '-h']), await cli(['help', 'run']));
});

test('--version says version, commit, runtime and platform', async () => {
  const { code, stdout, stderr } = await cli(['--version']);
  assert.match(stdout, /^aworkers \S+ \(\S+\) (bun|deno|node) [\d.]+ \w+-\w+\n$/);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});
