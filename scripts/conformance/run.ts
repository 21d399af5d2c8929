// Owns: the official MCP conformance suite over the bridge: every scenario against the fixture, which speaks through our
// transport, and those that fit a server of tools and resources against aworkers itself, as the executable and on Deno.
// Promises: prints a line for each scenario and the totals; exits 1 when a check failed, warned, or did not run.
// Never: reaches a Messages API.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { withNewerNode } from '../newer-node.ts';
import { startBridge } from './bridge.ts';

type Check = { readonly id: string; readonly status: string; readonly errorMessage?: string };
type Face = { readonly name: string; readonly command: readonly string[]; readonly scenarios: readonly string[] };

const suite = '@modelcontextprotocol/conformance@0.1.16';
const root = join(import.meta.dirname, '..', '..');
const deno = ['npm', 'exec', '--yes', '--package=deno@2.9.6', '--', 'deno', 'run', '-A'];
/** It declares no logging, completion, prompts or subscriptions; the tools of the other scenarios are the suite's own. */
const ofAworkers = ['server-initialize', 'ping', 'tools-list', 'resources-list'];
/** A server that closes a stream in the middle of a call and goes on in another: a matter of HTTP, so of the bridge. */
const ofHttp = ['server-sse-polling'];

const faces: readonly Face[] = [
  {
    name: 'our transport under the fixture',
    command: [process.execPath, source('scripts/conformance/fixture.ts')],
    scenarios: [],
  },
  { name: 'aworkers, the executable', command: [source('dist/aworkers'), 'mcp'], scenarios: ofAworkers },
  { name: 'aworkers, the sources on Deno', command: [...deno, source('src/main.ts'), 'mcp'], scenarios: ofAworkers },
];

const scratch = await mkdtemp(join(tmpdir(), 'aworkers-conformance-'));
const totals = { scenarios: 0, passed: 0, failed: 0 };
for (const face of faces) {
  console.log(`-- ${face.name}`);
  const [program = '', ...args] = face.command;
  const env = {
    ...process.env,
    ANTHROPIC_API_KEY: 'none: no request is made',
    AWORKERS_LOGS_DIR: join(scratch, 'logs'),
  };
  const bridge = await startBridge({ program, args, env }, scratch);
  const runs = face.scenarios.length === 0 ? [['--suite', 'all']] : face.scenarios.map((name) => ['--scenario', name]);
  for (const which of runs) await judge(bridge.url, which);
  await bridge.close();
}
await rm(scratch, { recursive: true });
console.log(
  `MCP conformance (${suite}): ${totals.scenarios} scenarios, ${totals.passed} checks passed, ${totals.failed} failed`,
);
console.log(`left out: ${ofHttp.join(', ')} (judges the HTTP server, which aworkers has none of)`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function judge(url: string, which: readonly string[]): Promise<void> {
  const out = await mkdtemp(join(scratch, 'results-'));
  const command = ['conformance', 'server', '--url', url, ...which, '-o', out];
  const { stdout, stderr } = await withNewerNode(suite, command, { cwd: scratch, home: scratch });
  const folders = (await readdir(out)).toSorted();
  const whole = which.includes('--suite') ? stdout.includes('=== SUMMARY ===') : folders.length === 1;
  if (!whole) throw new Error(`The suite did not run to its end (${which.join(' ')}).\n${stdout}\n${stderr}`);
  for (const folder of folders) {
    const name = folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
    if (ofHttp.includes(name)) continue;
    const checks = JSON.parse(await readFile(join(out, folder, 'checks.json'), 'utf8')) as readonly Check[];
    const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
    const good = checks.filter(({ status }) => status === 'SUCCESS');
    const failed = bad.length === 0 && good.length === 0 ? [{ id: name, errorMessage: 'no check ran' }] : bad;
    console.log(`${failed.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${good.length})`);
    for (const { id, errorMessage } of failed) console.log(`     ${id}: ${errorMessage ?? 'no reason given'}`);
    totals.scenarios += 1;
    totals.passed += good.length;
    totals.failed += failed.length;
  }
}

function source(path: string): string {
  return join(root, path);
}
