import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import { open, temp } from './open.ts';

test('Read numbers lines, continues with offset, and says where it stopped', async (t) => {
  const { run, path } = open(t);
  writeFileSync(path('a.txt'), Array.from({ length: 2_005 }, (_, i) => `line ${i + 1}`).join('\n'));
  assert.equal(
    await run('Read', { file_path: 'a.txt', limit: 2 }),
    '     1\tline 1\n     2\tline 2\n[Lines 1 to 2 of 2,005. Continue with offset 3.]',
  );
  assert.match(
    await run('Read', { file_path: path('a.txt') }),
    /\n {2}2000\tline 2000\n\[Lines 1 to 2,000 of 2,005\. Continue with offset 2001\.\]$/,
  );
  assert.equal(await run('Read', { file_path: 'a.txt', offset: 2_004 }), '  2004\tline 2004\n  2005\tline 2005');
  assert.equal(
    await run('Read', { file_path: 'a.txt', offset: 3_000 }),
    'error: offset 3000 is past the end: the file has 2,005 lines.',
  );
});

test('Read copes with what files can be', async (t) => {
  const { run, path, cwd } = open(t, { limits: { lineChars: 10 } });
  writeFileSync(path('empty'), '');
  writeFileSync(path('binary'), Buffer.from([1, 0, 2]));
  writeFileSync(path('long'), `${'x'.repeat(25)}\n`);
  writeFileSync(path('crlf'), '\ufeffa\r\nb\r\n');
  writeFileSync(path('latin1'), Buffer.from('caf\xe9', 'latin1'));
  writeFileSync(path('utf16'), Buffer.from('\ufeffhi\n', 'utf16le'));
  writeFileSync(path('escape'), 'a\u001b[31mb\n');
  execFileSync('mkfifo', [path('pipe')]);
  mkdirSync(path('folder'));
  const table = {
    empty: '(the file is empty)',
    binary: 'error: binary is binary (3 bytes). Look at it with file, xxd or strings in Bash.',
    long: '     1\txxxxxxxxxx [... 15 characters cut]',
    crlf: '     1\ta\n     2\tb',
    latin1: '     1\tcafé',
    utf16: '     1\thi',
    escape: '     1\ta\u241b[31mb',
    pipe: 'error: pipe is not a regular file (a pipe, device or socket).',
    folder: 'error: folder is a directory. List it with Glob, or with ls in Bash.',
    missing: 'error: missing: no such file or directory. Check the path, or find the file with Glob.',
    'empty/x': 'error: empty/x: a part of this path is a file, not a directory.',
    '/dev/zero': 'error: /dev/zero is not a regular file (a pipe, device or socket).',
  };
  const seen = Object.fromEntries(
    await Promise.all(Object.keys(table).map(async (file_path) => [file_path, await run('Read', { file_path })])),
  );
  assert.deepEqual(seen, table);
  assert.equal(cwd.includes('aworkers-tools-'), true);
});

test('Read takes lines out of a file too large to hold, also when it is one endless line', async (t) => {
  const { run, path } = open(t, { limits: { fileBytes: 1_000, outputBytes: 2_000, lineChars: 50 } });
  writeFileSync(path('big'), Array.from({ length: 100_000 }, (_, i) => `row ${i + 1}`).join('\n'));
  writeFileSync(path('line'), 'é'.repeat(1_000_000));
  assert.equal(await run('Read', { file_path: 'big', offset: 99_999 }), ' 99999\trow 99999\n100000\trow 100000');
  assert.match(
    await run('Read', { file_path: 'big', limit: 1 }),
    /^ {5}1\trow 1\n\[Lines 1 to 1\. Continue with offset 2\.\]$/,
  );
  assert.match(await run('Read', { file_path: 'line' }), /^ {5}1\té{50} \[\.\.\. .* cut\]$/);
  assert.match(
    await run('Edit', { file_path: 'big', old_string: 'row 5', new_string: 'x' }),
    /^error: big has .* bytes, more than the 1,000 that can be held\./,
  );
});

test('Read gives images, PDFs and notebooks as blocks', async (t) => {
  const { blocks, run, path } = open(t, { limits: { imageBytes: 100 } });
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20)]);
  writeFileSync(path('p.txt'), png);
  writeFileSync(path('d.pdf'), '%PDF-1.7 ...');
  writeFileSync(path('large.png'), Buffer.concat([png, Buffer.alloc(200)]));
  writeFileSync(
    path('n.ipynb'),
    JSON.stringify({
      cells: [
        { cell_type: 'markdown', source: ['# Title\n', 'text'] },
        {
          cell_type: 'code',
          id: 'c1',
          source: 'print(1)',
          outputs: [{ text: ['1\n'] }, { data: { 'image/png': 'iVBORw0K\n' } }],
        },
      ],
    }),
  );
  assert.deepEqual((await blocks('Read', { file_path: 'p.txt' })).content, [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } },
  ]);
  assert.deepEqual((await blocks('Read', { file_path: 'd.pdf' })).content, [
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: Buffer.from('%PDF-1.7 ...').toString('base64') },
    },
  ]);
  assert.equal(
    await run('Read', { file_path: 'large.png' }),
    'error: large.png has 228 bytes; the API takes 100. Scale it down with Bash first.',
  );
  assert.deepEqual((await blocks('Read', { file_path: 'n.ipynb' })).content, [
    { type: 'text', text: '[cell 1, markdown]\n# Title\ntext' },
    { type: 'text', text: '[cell 2, code, id c1]\nprint(1)\n[output]\n1\n' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0K' } },
  ]);
});

test('Edit keeps line ends, byte order mark, encoding, mode and a missing last newline', async (t) => {
  const { run, path } = open(t);
  const table = [
    {
      name: 'crlf',
      before: Buffer.from('one\r\ntwo\r\nthree'),
      old: 'one\ntwo',
      new: 'uno\ndue\ntre',
      after: Buffer.from('uno\r\ndue\r\ntre\r\nthree'),
    },
    { name: 'bom', before: Buffer.from('\ufeffone\n'), old: 'one', new: 'uno', after: Buffer.from('\ufeffuno\n') },
    {
      name: 'utf16le',
      before: Buffer.from('\ufeffone', 'utf16le'),
      old: 'one',
      new: 'ünö',
      after: Buffer.from('\ufeffünö', 'utf16le'),
    },
    {
      name: 'utf16be',
      before: Buffer.from('\ufeffone', 'utf16le').swap16(),
      old: 'one',
      new: 'uno',
      after: Buffer.from('\ufeffuno', 'utf16le').swap16(),
    },
    {
      name: 'latin1',
      before: Buffer.from('caf\xe9 \xff', 'latin1'),
      old: 'café',
      new: 'thé',
      after: Buffer.from('th\xe9 \xff', 'latin1'),
    },
    {
      name: 'mixed',
      before: Buffer.from('a\r\nb\nc\nd\n'),
      old: 'b\nc',
      new: 'x\ny',
      after: Buffer.from('a\r\nx\ny\nd\n'),
    },
    { name: 'literal', before: Buffer.from('a $& b'), old: '$&', new: "$1$'$`", after: Buffer.from("a $1$'$` b") },
  ];
  for (const { name, before, old, new: changed, after } of table) {
    writeFileSync(path(name), before);
    chmodSync(path(name), 0o754);
    await run('Read', { file_path: name });
    assert.equal(
      await run('Edit', { file_path: name, old_string: old, new_string: changed }),
      `Edited ${name}: 1 replacement, line ${name === 'mixed' ? 2 : 1}.`,
    );
    assert.deepEqual(readFileSync(path(name)), after, name);
    assert.equal(statSync(path(name)).mode & 0o777, 0o754, name);
  }
  assert.match(
    await run('Edit', { file_path: 'latin1', old_string: 'thé', new_string: '茶' }),
    /^error: latin1 is not UTF-8/,
  );
});

test('Edit says why it can not', async (t) => {
  const { run, path } = open(t);
  writeFileSync(path('f'), 'a\n  b\na\n');
  const edit = (old_string: string, new_string = 'x', more = {}) =>
    run('Edit', { file_path: 'f', old_string, new_string, ...more });
  assert.equal(await edit('a'), 'error: f exists and was not read yet. Read it first.');
  await run('Read', { file_path: 'f' });
  assert.equal(
    await edit('a'),
    'error: old_string matches 2 times in f (lines 1, 3). Add surrounding lines until it is unique, or set replace_all.',
  );
  assert.equal(await edit('a', 'a'), 'error: old_string and new_string are the same: nothing to do.');
  assert.equal(await edit('zz'), 'error: old_string is not in f. Read the file again and copy the 1 line exactly.');
  assert.equal(
    await edit('\tb'),
    'error: old_string is not in f. Line 2 ff. differs in white space only: copy the text exactly as Read shows it.',
  );
  assert.equal(
    await edit('     2\t  b'),
    'error: old_string is not in f. It is there without the line numbers: leave number and tab out.',
  );
  assert.equal(await edit('a', 'c', { replace_all: true }), 'Edited f: 2 replacements, lines 1, 3.');
  assert.equal(readFileSync(path('f'), 'utf8'), 'c\n  b\nc\n');
});

test('a file that changed since it was read is not overwritten', async (t) => {
  const { run, path } = open(t);
  writeFileSync(path('f'), 'one');
  await run('Read', { file_path: 'f' });
  const { atime, mtime } = statSync(path('f'));
  writeFileSync(path('f'), 'two');
  utimesSync(path('f'), atime, mtime);
  const stale = 'error: f changed since it was read. Read it again, then repeat the change.';
  assert.equal(await run('Edit', { file_path: 'f', old_string: 'two', new_string: 'x' }), stale);
  assert.equal(await run('Write', { file_path: 'f', content: 'x' }), stale);
  await run('Read', { file_path: 'f' });
  utimesSync(path('f'), new Date(), new Date());
  assert.equal(await run('Write', { file_path: 'f', content: 'x' }), 'Replaced f (1 byte).');
  assert.equal(
    await run('Edit', { file_path: 'f', old_string: 'x', new_string: 'y' }),
    'Edited f: 1 replacement, line 1.',
  );
  assert.equal(readFileSync(path('f'), 'utf8'), 'y');
});

test('two workers can not overwrite each other, and edits of one turn are applied in order', async (t) => {
  const cwd = temp(t);
  const one = open(t, { cwd });
  const two = open(t, { cwd });
  writeFileSync(one.path('f'), 'a b c');
  await Promise.all([one.run('Read', { file_path: 'f' }), two.run('Read', { file_path: 'f' })]);
  const results = await Promise.all([
    one.run('Edit', { file_path: 'f', old_string: 'a', new_string: 'b' }),
    one.run('Edit', { file_path: 'f', old_string: 'b b', new_string: 'B' }),
    two.run('Edit', { file_path: 'f', old_string: 'c', new_string: 'C' }),
  ]);
  assert.deepEqual(results, [
    'Edited f: 1 replacement, line 1.',
    'Edited f: 1 replacement, line 1.',
    'error: f changed since it was read. Read it again, then repeat the change.',
  ]);
  assert.equal(readFileSync(one.path('f'), 'utf8'), 'B c');
});

test('Write creates with the mode of the umask, follows links to their real place, and keeps what a file was', async (t) => {
  const { run, path } = open(t);
  const name = ' -n ew\nline ü';
  assert.equal(
    await run('Write', { file_path: `sub/dir/${name}`, content: 'hi' }),
    `Created sub/dir/${name} (2 bytes).`,
  );
  assert.equal(readFileSync(path(`sub/dir/${name}`), 'utf8'), 'hi');
  assert.equal(statSync(path(`sub/dir/${name}`)).mode & 0o777, 0o666 & ~process.umask());
  assert.equal(statSync(path('sub/dir')).mode & 0o777, 0o777 & ~process.umask());
  writeFileSync(path('crlf'), '\ufeffa\r\nb\r\n');
  await run('Read', { file_path: 'crlf' });
  await run('Write', { file_path: 'crlf', content: 'c\nd\n' });
  assert.equal(readFileSync(path('crlf'), 'utf8'), '\ufeffc\r\nd\r\n');
  symlinkSync('target', path('link'));
  assert.equal(await run('Write', { file_path: 'link', content: 'through' }), 'Created link (7 bytes).');
  assert.equal(readFileSync(path('target'), 'utf8'), 'through');
  mkdirSync(path('folder'));
  assert.equal(
    await run('Write', { file_path: 'folder', content: 'x' }),
    'error: folder is a directory. List it with Glob, or with ls in Bash.',
  );
  symlinkSync('loop', path('loop'));
  assert.equal(
    await run('Write', { file_path: 'loop', content: 'x' }),
    'error: loop: too many levels of symbolic links.',
  );
  assert.equal(existsSync(path('\0')), false);
  assert.match(await run('Write', { file_path: 'a\0b', content: 'x' }), /^error: /);
});

test('previews show the change, or nothing when it would fail', async (t) => {
  const { preview, path } = open(t);
  writeFileSync(path('f'), 'one\ntwo\n');
  assert.equal(
    await preview('Edit', { file_path: 'f', old_string: 'two', new_string: 'due' }),
    '--- f\n+++ f\n@@ -1,2 +1,2 @@\n one\n-two\n+due\n',
  );
  assert.equal(await preview('Edit', { file_path: 'f', old_string: 'zzz', new_string: 'due' }), undefined);
  assert.equal(await preview('Write', { file_path: 'g', content: 'new\n' }), '--- g\n+++ g\n@@ -0,0 +1,1 @@\n+new\n');
  assert.equal(await preview('Write', { file_path: 'f/x', content: 'new\n' }), undefined);
  const large = await preview('Write', { file_path: 'h', content: 'line\n'.repeat(50_000) });
  assert.ok(large !== undefined && large.length < 40_000 && large.includes(' cut here. The change is larger'));
});
