// Owns: `npm test`: builds the binary, then runs every test with bun and prints "N passed, N failed" last.
// Promises: the same files and the same verdict here and in CI. Arguments go to `bun test` (a file or -t pattern).
// Never: passes when no test ran.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBun, runProgram } from './run-bun.mjs';

const junit = join(root, 'dist', 'junit.xml');
mkdirSync(join(root, 'dist'), { recursive: true });
rmSync(junit, { force: true });

const built = await runProgram(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] });
if (built !== 0) process.exit(built);

// The servers of the tests are on loopback, where bun's fetch would ask a proxy too; what programs say is expected in English.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^((https?|all)_proxy|LANG|LANGUAGE|LC_\w+)$/i.test(name)),
);
const code = await runBun(
  ['test', '--timeout=60000', '--reporter=junit', `--reporter-outfile=${junit}`, ...process.argv.slice(2)],
  { cwd: root, env, stdio: ['ignore', 1, 2] },
);

const totals = /<testsuites[^>]*\btests="(\d+)"[^>]*\bfailures="(\d+)"(?:[^>]*\bskipped="(\d+)")?/.exec(read(junit));
const [tests, failures, skipped] = (totals ?? []).slice(1).map((count) => Number(count ?? 0));
if (tests === undefined || tests === 0) {
  console.log('0 passed, 1 failed');
  console.error('aworkers: no test ran.');
  process.exit(code === 0 ? 1 : code);
}
// A file that did not load stands in no report, only in the exit code.
const failed = failures === 0 && code !== 0 ? 1 : failures;
console.log(`${tests - failures - skipped} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = code;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the runner died before it wrote a report: reported as "no test ran"
  }
}
