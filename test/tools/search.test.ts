import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { open, type Case, temp } from './open.ts';

/** Files with rising age in the order given: the first is the newest. */
function tree(cwd: string, files: Readonly<Record<string, string>>): void {
  for (const [index, [name, text]] of Object.entries(files).entries()) {
    const path = join(cwd, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const at = new Date(Date.UTC(2026, 0, 1) - index * 60_000);
    utimesSync(path, at, at);
  }
}

function project(t: Case): string {
  const cwd = temp(t);
  tree(cwd, {
    'src/new.ts': 'const needle = 1;\nsecond line\n',
    'src/deep/old.ts': '// Needle\nneedle(2)\nneedle(3)\n',
    'top.ts': 'no match\n',
    '.hidden/h.ts': 'needle hidden\n',
    'dist/out.ts': 'needle built\n',
    'dist/keep.ts': 'needle kept\n',
    'node_modules/p/i.ts': 'needle dependency\n',
    '.git/config': 'needle git\n',
    '.gitignore': 'dist/*\n!dist/keep.ts\n*.log\n',
    'src/a.log': 'needle log\n',
    'src/deep/.gitignore': '!a.log\n',
    'src/deep/a.log': 'needle back\n',
  });
  return cwd;
}

test('Glob lists newest first and leaves out what git ignores', async (t) => {
  const { run } = open(t, { cwd: project(t) });
  const table = {
    '**/*.ts': 'src/new.ts\nsrc/deep/old.ts\ntop.ts\n.hidden/h.ts\ndist/keep.ts',
    '*.ts': 'top.ts',
    'src/**/*.{ts,log}': 'src/new.ts\nsrc/deep/old.ts\nsrc/deep/a.log',
    'dist/*': 'dist/keep.ts',
    'node_modules/**/*.ts': 'node_modules/p/i.ts',
    'src/new.ts': 'src/new.ts',
    './src/*.ts': 'src/new.ts',
    '././*.ts': 'top.ts',
    './top.ts': 'top.ts',
    '*.nothing': 'No files match.',
    '../*': 'error: The pattern must be relative and without "..". Give the directory as path.',
    '{..,src}/*': 'error: The pattern must be relative and without "..". Give the directory as path.',
    '{*.ts,*.tsx,*.js,*.jsx}': 'top.ts',
    '/etc/*': 'error: The pattern must be relative and without "..". Give the directory as path.',
  };
  const seen: Record<string, string> = {};
  for (const pattern of Object.keys(table)) seen[pattern] = await run('Glob', { pattern });
  assert.deepEqual(seen, table);
  assert.equal(await run('Glob', { pattern: '*.ts', path: 'src' }), 'src/new.ts');
  assert.match(await run('Glob', { pattern: '*', path: 'top.ts' }), /^error: top\.ts is a file\./);
  assert.match(await run('Glob', { pattern: '*', path: 'none' }), /^error: none: no such file or directory/);
});

test('Glob refuses a pattern that would hold up every worker, and a .gitignore cannot', async (t) => {
  const { run, cwd } = open(t);
  const deep = 'a/'.repeat(140);
  tree(cwd, {
    ['a'.repeat(200)]: '',
    [`${deep}c`]: '',
    'b.ts': '',
    '.gitignore': `${'**/a/'.repeat(6)}b\n*.log\n`,
    'x.log': '',
  });
  const patterns = ['*a*a*a*a*a*b', '{*a*a,x}{*a*a,y}b', '+(a*)b', '*(+(a))b', `${'**/a/'.repeat(4)}b`];
  for (const pattern of patterns)
    assert.match(await run('Glob', { pattern }), /^error: The pattern would take too long/);
  assert.match(await run('Glob', { pattern: '**/*.{ts,log}' }), /^b\.ts\n\[The tree is too large/);
});

test('Glob is bounded, shows paths outside as absolute, and does not follow links', async (t) => {
  const outside = temp(t);
  tree(outside, { 'o.ts': '', 'link/o.ts': '' });
  const { run, cwd } = open(t, { limits: { globResults: 2, walkEntries: 6 } });
  tree(cwd, { 'a\nb.ts': '', 'c.ts': '', 'd.ts': '' });
  symlinkSync(outside, join(cwd, 'link'));
  assert.equal(
    await run('Glob', { pattern: '**/*.ts' }),
    'a\u240ab.ts\nc.ts\n[2 of 3 files shown. Narrow the pattern or path.]',
  );
  // The gate judges what a pattern starts with as it stands: nothing else may lead through a link.
  for (const pattern of ['!link/**', '@(link)/**', '{link,x}/**', 'l[i]nk/**', '!(x)/**', '\\link/**', '!./link/**']) {
    assert.doesNotMatch(await run('Glob', { pattern }), /o\.ts/, pattern);
  }
  assert.equal(await run('Glob', { pattern: '*.ts', path: outside }), `${outside}/o.ts`);
  tree(cwd, Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`many/${i}.md`, ''])));
  assert.match(await run('Glob', { pattern: '**/*.none' }), /^No files match so far\.\n\[The tree is too large/);
});

test('Grep finds files, lines and counts', async (t) => {
  const { run } = open(t, { cwd: project(t) });
  const table: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ pattern: 'needle' }, '.hidden/h.ts\ndist/keep.ts\nsrc/deep/a.log\nsrc/deep/old.ts\nsrc/new.ts'],
    [
      { pattern: 'needle', path: 'src', output_mode: 'content' },
      'src/deep/a.log:1:needle back\nsrc/deep/old.ts:2:needle(2)\nsrc/deep/old.ts:3:needle(3)\nsrc/new.ts:1:const needle = 1;',
    ],
    [
      { pattern: 'needle', path: 'src/new.ts', output_mode: 'content', '-C': 1 },
      'src/new.ts:1:const needle = 1;\nsrc/new.ts-2-second line',
    ],
    [{ pattern: 'needle', path: 'src/new.ts', output_mode: 'content', '-n': false }, 'src/new.ts:const needle = 1;'],
    [
      { pattern: 'NEEDLE', '-i': true, glob: '*.ts', path: 'src', output_mode: 'count' },
      'src/deep/old.ts:3\nsrc/new.ts:1',
    ],
    [{ pattern: 'needle', type: 'ts', path: 'src' }, 'src/deep/old.ts\nsrc/new.ts'],
    [{ pattern: 'Needle.needle', multiline: true }, 'src/deep/old.ts'],
    [
      { pattern: 'needle', path: 'src', output_mode: 'content', head_limit: 1 },
      'src/deep/a.log:1:needle back\n[The first line is shown, there is more: narrow the search or raise head_limit.]',
    ],
    [{ pattern: '--files' }, 'No matches.'],
    [{ pattern: 'needle', glob: '--help' }, 'No matches.'],
    [{ pattern: 'needle', path: 'node_modules/p', output_mode: 'count' }, 'node_modules/p/i.ts:1'],
  ];
  for (const [input, expected] of table) assert.equal(await run('Grep', input), expected, JSON.stringify(input));
  assert.match(await run('Grep', { pattern: '(' }), /^error: The search failed: .*unclosed group/s);
  assert.match(await run('Grep', { pattern: 'x', type: 'nonsense' }), /^error: The search failed: .*nonsense/);
  assert.match(await run('Grep', { pattern: 'x', path: 'none' }), /^error: none: no such file or directory/);
});

test('Grep survives hostile names, binary files and endless lines', async (t) => {
  const { run, cwd } = open(t);
  tree(cwd, {
    'a\nfake.ts:1:needle': 'needle\n',
    '-e': 'needle\n',
    'min.js': `${'x'.repeat(100_000)}needle${'y'.repeat(100_000)}\n`,
    bin: 'needle\0\n',
  });
  const text = await run('Grep', { pattern: 'needle', output_mode: 'content' });
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(0, 2), ['-e:1:needle', 'a\u240afake.ts:1:needle:1:needle']);
  assert.ok(text.length < 2_000, text);
});

test('Glob and Grep leave out files that may not be read', async (t) => {
  const cwd = temp(t);
  tree(cwd, { 'a.txt': 'needle\n', '.env': 'needle=secret\n' });
  const { run } = open(t, { cwd, mayRead: (real) => !real.endsWith('.env') });
  assert.equal(await run('Glob', { pattern: '*' }), 'a.txt');
  assert.equal(
    await run('Grep', { pattern: 'needle', output_mode: 'content' }),
    'a.txt:1:needle\n[1 matching file may not be read and is left out.]',
  );
});

test(
  'Grep reads no configuration of the user, and an abort ends it',
  { skip: process.platform === 'win32' },
  async (t) => {
    const cwd = temp(t);
    tree(cwd, { 'a.txt': 'needle\n', rc: '--files-without-match\n' });
    const { run, toolset } = open(t, { cwd, env: { ...process.env, RIPGREP_CONFIG_PATH: join(cwd, 'rc') } });
    assert.equal(await run('Grep', { pattern: 'needle' }), 'a.txt');
    assert.equal(
      await run('Grep', { pattern: 'needle' }, AbortSignal.abort()),
      'error: Interrupted; it may have run in part.',
    );
    const running = run('Grep', { pattern: 'needle' });
    await toolset.close();
    assert.equal(await running, 'error: Interrupted; it may have run in part.');
  },
);

test(
  'an rg on PATH is used, but never one of the searched directory',
  { skip: process.platform === 'win32' },
  async (t) => {
    const bin = temp(t);
    const cwd = temp(t);
    const fake = (folder: string, name: string): void => {
      writeFileSync(
        join(folder, 'rg'),
        `#!/bin/sh\nprintf '${name}\\0'\nprintf '%s\\n' "$@" > "${join(bin, 'args')}"\n`,
        { mode: 0o755 },
      );
    };
    fake(bin, 'from-path');
    fake(cwd, 'trap');
    const path = (first: string): string => `${first}:/usr/bin:/bin`;
    const safe = open(t, { cwd, env: { PATH: path(bin) } });
    assert.equal(await safe.run('Grep', { pattern: '-v', glob: '-x' }), 'from-path');
    assert.deepEqual(
      readFileSync(join(bin, 'args'), 'utf8').trim().split('\n').slice(-6),
      [
        '--sort=path',
        '--files-with-matches',
        '--glob=-x',
        '--glob=!.git',
        '--glob=!node_modules',
        '--regexp=-v',
        './',
      ].slice(-6),
    );
    const trapped = open(t, { cwd, env: { PATH: path(cwd) } });
    assert.equal((await trapped.run('Grep', { pattern: 'x' })).includes('trap'), false);
    assert.equal(execFileSync('ls', [bin], { encoding: 'utf8' }), 'args\nrg\n');
  },
);
