// Owns: the static checks, the same here and in CI: types, lint, format, unused code, lock file.
// Promises: runs them all, prints each verdict, exits 1 when one failed.
// Never: fixes anything (`node scripts/check.mjs --fix` formats, and only that).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBun } from './run-bun.mjs';

const bin = (name) => join('node_modules', '.bin', name);
const here = { cwd: root };
const bun = (args) => runBun(args, here);

const checks = [
  { name: 'types of src and test', run: () => bun(['--bun', bin('tsc'), '--noEmit', '-p', '.']) },
  { name: 'types of scripts', run: () => bun(['--bun', bin('tsc'), '--noEmit', '-p', 'scripts']) },
  {
    name: 'lint',
    run: () => bun(['--bun', bin('oxlint'), '--type-aware', '--deny-warnings', 'src', 'test', 'scripts']),
  },
  {
    name: 'format',
    run: () => bun(['fmt', ...(process.argv.includes('--fix') ? [] : ['--check']), 'src', 'test', 'scripts']),
  },
  { name: 'unused code', run: () => bun(['--bun', bin('knip')]) },
  { name: 'lock file', run: lockFileIsClean },
];

let failed = 0;
for (const { name, run } of checks) {
  const code = await run();
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (code !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;

/** One lock file, and no download host in it. */
function lockFileIsClean() {
  const strays = ['yarn.lock', 'pnpm-lock.yaml'].filter((name) => existsSync(join(root, name)));
  const hosts = readFileSync(join(root, 'package-lock.json'), 'utf8').includes('"resolved"');
  return strays.length > 0 || hosts ? 1 : 0;
}
