// Owns: dist/aworkers, the one executable, for this platform or the target given as --target=bun-<os>-<arch>.
// Promises: never without the two --no-compile-autoload flags: the binary must not read a stranger's .env or bunfig.toml.
// Never: touches the sources.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBun } from './run-bun.mjs';

const target = process.argv.find((argument) => argument.startsWith('--target='));
const outfile =
  process.argv.find((argument) => argument.startsWith('--outfile='))?.slice('--outfile='.length) ??
  join(root, 'dist', 'aworkers');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

mkdirSync(join(root, 'dist'), { recursive: true });
process.exitCode = await runBun(
  [
    'build',
    '--compile',
    '--minify',
    '--splitting',
    '--bytecode',
    '--format=esm',
    '--sourcemap',
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    `--define=AWORKERS_VERSION=${JSON.stringify(version)}`,
    `--define=AWORKERS_COMMIT=${JSON.stringify(commit())}`,
    ...(target === undefined ? [] : [target]),
    'src/main.ts',
    '--outfile',
    outfile,
  ],
  { cwd: root },
);

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
