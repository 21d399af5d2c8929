import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createPathResolver } from '../../src/tools/index.ts';
import { temp } from './open.ts';

test('a path is resolved to where the kernel would open it', (t) => {
  const root = temp(t);
  const cwd = join(root, 'work');
  mkdirSync(join(cwd, 'dir/sub'), { recursive: true });
  mkdirSync(join(root, 'other/inner'), { recursive: true });
  writeFileSync(join(cwd, 'file'), '');
  const link = (target: string, name: string): void => symlinkSync(target, join(cwd, name));
  link(join(root, 'other/inner'), 'out');
  link('dir', 'in');
  link('file', 'leaf');
  link('missing/target', 'dangling');
  link('../other/new', 'escape');
  link('chain2', 'chain1');
  link('out/..', 'chain2');
  link('loop', 'loop');
  const paths = createPathResolver({ home: join(root, 'home'), platform: process.platform });
  const table: readonly (readonly [string, string, string])[] = [
    ['file', 'work/file', 'work/file'],
    ['./dir/../file', 'work/file', 'work/file'],
    ['../other', 'other', 'other'],
    ['leaf', 'work/leaf', 'work/file'],
    ['in/sub/x', 'work/in/sub/x', 'work/dir/sub/x'],
    ['out/x', 'work/out/x', 'other/inner/x'],
    // A shell opens the parent of the link's target here, not the directory the link stands in.
    ['out/../x', 'work/x', 'other/x'],
    ['dangling', 'work/dangling', 'work/missing/target'],
    ['dangling/deeper', 'work/dangling/deeper', 'work/missing/target/deeper'],
    ['escape', 'work/escape', 'other/new'],
    ['chain1/y', 'work/chain1/y', 'other/y'],
    ['loop', 'work/loop', 'work/loop'],
    ['none/at/all', 'work/none/at/all', 'work/none/at/all'],
    ['~', 'home', 'home'],
    ['~/x', 'home/x', 'home/x'],
    ['~user/x', 'work/~user/x', 'work/~user/x'],
    [`${root}/work//dir/`, 'work/dir', 'work/dir'],
    ['a\0b', 'work/a\0b', 'work/a\0b'],
    ['.', 'work', 'work'],
  ];
  const expected = table.map(([path, absolute, real]) => ({
    path,
    absolute: join(root, absolute),
    real: join(root, real),
  }));
  assert.deepEqual(
    table.map(([path]) => ({ path, ...paths.resolve(path, cwd) })),
    expected,
  );
});
