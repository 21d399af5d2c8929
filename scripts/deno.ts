// Owns: the Deno job: the sources checked and run, every test that Bun runs, and the comparison with Bun's last run.
// Promises: prints both counts and names every test that only one of the two passed; exits 1 when Deno refuses a type, a
// test fails, or a difference is not explained here (or an explanation no longer has its difference).
// Never: changes the lock file or node_modules.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const reports = { bun: join(root, 'dist', 'junit.xml'), deno: join(root, 'dist', 'deno-junit.xml') };

/** "file > test" that only Bun passes, and why. Reviewed when Deno is updated. */
const explained: Readonly<Record<string, string>> = {
  'test/tools/bash.test.ts > a script that opens /dev/stderr by name fails once, is explained, and works from then on':
    'under Deno the child gets a pipe there, which opens by name',
  'test/model/transport.test.ts > a server on this machine is reached without the proxy':
    "Deno's fetch cannot be told to pass a proxy by, but in NO_PROXY",
};

const testcase = z.looseObject({
  '@name': z.string(),
  skipped: z.unknown().optional(),
  failure: z.unknown().optional(),
});
const testsuite = z.looseObject({ '@name': z.string(), testcase: z.array(testcase).default([]) });
const junit = z.object({ testsuites: z.object({ testsuite: z.array(testsuite) }) });

run(['check', '--quiet', 'src/main.ts', 'test'], 'inherit');
console.log('ok   deno check src/main.ts test');
run(['run', '-A', 'src/main.ts', 'demo'], 'inherit');
console.log('ok   deno run -A src/main.ts demo');
rmSync(reports.deno, { force: true });
run(['test', '-A', '--no-check', '--parallel', '--quiet', `--junit-path=${reports.deno}`, 'test'], 'pipe');

const passed = { bun: passedIn(reports.bun), deno: passedIn(reports.deno) };
const lost = passed.bun.filter((name) => !passed.deno.includes(name));
const gained = passed.deno.filter((name) => !passed.bun.includes(name));
const stale = Object.keys(explained).filter((name) => !lost.includes(name));
for (const name of lost) console.log(`only Bun: ${name} (${explained[name] ?? 'NOT EXPLAINED'})`);
for (const name of gained) console.log(`only Deno: ${name} (NOT EXPLAINED)`);
for (const name of stale) console.log(`STALE explanation: ${name}`);
console.log(`Bun ${passed.bun.length} passed, Deno ${passed.deno.length} passed`);
process.exitCode = lost.length === Object.keys(explained).length && gained.length + stale.length === 0 ? 0 : 1;

/** Sorted; a name that is used twice in a file is told apart by its number. */
function passedIn(path: string): readonly string[] {
  const isArray = (name: string) => name === 'testsuite' || name === 'testcase';
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray });
  const { testsuites } = junit.parse(parser.parse(readFileSync(path, 'utf8')));
  const seen = new Map<string, number>();
  return testsuites.testsuite.flatMap((suite) =>
    suite.testcase
      .filter((test) => test.skipped === undefined && test.failure === undefined)
      .map((test) => {
        const name = `${suite['@name'].replace(/^\.\//, '')} > ${test['@name']}`;
        const count = (seen.get(name) ?? 0) + 1;
        seen.set(name, count);
        return count === 1 ? name : `${name} #${count}`;
      }),
  );
}

/** Deno comes from npm, in an exact version. What it prints is kept back where only a failure is of interest. */
function run(args: readonly string[], output: 'inherit' | 'pipe'): void {
  const command = ['exec', '--yes', '--package=deno@2.9.6', '--', 'deno', ...args];
  const env = { ...process.env, NO_COLOR: '1' };
  const stdio = ['ignore', output === 'pipe' ? 'pipe' : 'ignore', 'inherit'] as const;
  const limits = { timeout: 8 * 60_000, maxBuffer: 256 * 1024 * 1024 };
  const { status, stdout, error } = spawnSync('npm', command, { cwd: root, env, stdio: [...stdio], ...limits });
  if (status === 0) return;
  const text = stdout?.toString() ?? '';
  console.error(text.slice(Math.max(0, text.indexOf(' ERRORS '))));
  console.error(`deno ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}
