// Owns: the npm package as a stranger gets it: packed, then run in an empty folder with install scripts off.
// Promises: --version and the offline demo on this Node, on Node 22, on Bun and on Deno; exits 1 at the first that fails.
// Never: uses anything of this checkout but the tarball.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withNewerNode } from './newer-node.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const scratch = mkdtempSync(join(tmpdir(), 'aworkers-package-'));
const empty = join(scratch, 'empty');
mkdirSync(empty);

npm(['pack', '--pack-destination', scratch], root);
const tarball = join(scratch, `aworkers-${version}.tgz`);
const viaNpx = ['exec', '--yes', '--ignore-scripts', `--package=${tarball}`, '--', 'aworkers'];
tell('npx, empty folder, no install scripts', npm([...viaNpx, '--version'], empty));
assert.match(npm([...viaNpx, 'demo'], empty), /Logs: /);

npm(['install', '--ignore-scripts', '--prefix', scratch, tarball], scratch);
const launcher = join(scratch, 'node_modules', 'aworkers', 'scripts', 'launch.mjs');
for (const runtime of [['node'], [process.execPath, '--no-env-file'], ['deno', 'run', '-A']]) {
  const where = { cwd: empty, home: scratch };
  const shown = await withNewerNode('deno@2.9.6', [...runtime, launcher, '--version'], where);
  const demo = await withNewerNode('deno@2.9.6', [...runtime, launcher, 'demo'], where);
  assert.deepEqual([shown.code, demo.code], [0, 0], shown.stderr + demo.stderr);
  assert.match(demo.stdout, /Logs: /);
  tell(`launcher on ${runtime[0] === process.execPath ? 'bun' : runtime[0]}`, shown.stdout);
}
rmSync(scratch, { recursive: true });

function tell(how: string, shown: string): void {
  assert.match(shown, new RegExp(`^aworkers ${version.replaceAll('.', '\\.')} \\(`));
  console.log(`ok   ${how.padEnd(40)} ${shown.trim()}`);
}

/** The environment of a stranger: no switch of the npm command that started us. */
function npm(args: readonly string[], cwd: string): string {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(cache|userconfig|registry)$)/i.test(name),
  );
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: Object.fromEntries(kept),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
