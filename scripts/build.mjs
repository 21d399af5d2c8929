// Owns: dist/aworkers, the one executable, for this platform or the target given as --target=bun-<os>-<arch>; with --bundle
// dist/node, the same program as JavaScript for Node 22, Bun and Deno.
// Promises: never an executable without the two --no-compile-autoload flags: it must not read a stranger's .env or bunfig.toml.
// Never: touches the sources.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBun } from './run-bun.mjs';

const given = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dist = join(root, 'dist');
const bundle = join(dist, 'node');

const common = [
  '--minify',
  '--splitting',
  '--format=esm',
  `--define=AWORKERS_VERSION=${JSON.stringify(version)}`,
  `--define=AWORKERS_COMMIT=${JSON.stringify(commit())}`,
  'src/main.ts',
];
const executable = [
  '--compile',
  '--bytecode',
  '--sourcemap',
  // An eighth as eager to compile what runs hot: a start is over before that pays (src/decisions/start.md).
  '--compile-jit-policy=8',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  ...given.filter((argument) => /^--(target|compile-executable-path|metafile)=/.test(argument)),
  `--outfile=${option('outfile') ?? join(dist, 'aworkers')}`,
];
const javascript = ['--target=node', `--outdir=${bundle}`];

mkdirSync(dist, { recursive: true });
const asBundle = given.includes('--bundle');
if (asBundle) rmSync(bundle, { recursive: true, force: true }); // the names of the chunks change
process.exitCode = await runBun(['build', ...common, ...(asBundle ? javascript : executable)], { cwd: root });

function option(name) {
  return given.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown'; // a tarball has no history
  }
}
