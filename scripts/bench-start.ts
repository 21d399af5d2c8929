// Owns: the figures of a cold start: process start to the answers of --version, `initialize` and tools/list, and what an idle
// server costs: memory, and CPU time over ten seconds (Linux).
// Promises: measures the compiled binary as a host would start it; medians of 15. With --check it exits 1 over a limit.
// Never: reaches the network: no worker is started.
//   bun scripts/bench-start.ts [path of the binary] [--check]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const runs = 15;
const idleSeconds = 10;
const limits = { startMs: 45, idleMb: 48 };
const binary = resolve(
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
    join(import.meta.dirname, '..', 'dist', 'aworkers'),
);

if (!existsSync(binary)) {
  console.error(`${binary} does not exist. Build it first: npm run build`);
  process.exit(1);
}

const cwd = await mkdtemp(join(tmpdir(), 'aworkers-bench-'));
const versions: number[] = [];
const starts: number[] = [];
const lists: number[] = [];
for (let run = 0; run < runs; run += 1) {
  versions.push(await versionOnce());
  const { answered, listed } = await startOnce();
  starts.push(answered);
  lists.push(listed);
}
const idle = await idleCost();
await rm(cwd, { recursive: true, force: true });

print('start to --version, ended', versions);
print(`start to the answer of initialize (limit ${limits.startMs} on an idle machine)`, starts);
print('start to the answer of tools/list', lists);
console.log(`idle memory (RSS): ${idle.mb.toFixed(1)} MB (limit ${limits.idleMb})`);
if (idle.cpuMs !== undefined) console.log(`idle CPU time: ${idle.cpuMs.toFixed(2)} ms in ${idleSeconds} s`);
const over = median(starts) > limits.startMs || idle.mb > limits.idleMb;
process.exitCode = over && process.argv.includes('--check') ? 1 : 0;

function print(what: string, times: readonly number[]): void {
  const [low, high] = [Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(1));
  console.log(`${what}: ${median(times).toFixed(1)} ms (${low} to ${high})`);
}

async function versionOnce(): Promise<number> {
  const begun = performance.now();
  await once(spawn(binary, ['--version'], { cwd, stdio: 'ignore' }), 'exit');
  return performance.now() - begun;
}

async function startOnce(): Promise<{ readonly answered: number; readonly listed: number }> {
  const begun = performance.now();
  const server = await initialized();
  const answered = performance.now() - begun;
  await list(server);
  const listed = performance.now() - begun;
  await end(server);
  return { answered, listed };
}

/** After what every host asks first, and a second to settle. */
async function idleCost(): Promise<{ readonly mb: number; readonly cpuMs: number | undefined }> {
  const server = await initialized();
  await list(server);
  await new Promise((wait) => setTimeout(wait, 1_000));
  const pid = Number(server.pid);
  const before = await cpuMilliseconds(pid);
  if (before !== undefined) await new Promise((wait) => setTimeout(wait, idleSeconds * 1_000));
  const after = await cpuMilliseconds(pid);
  const mb = (await residentKilobytes(pid)) / 1024;
  await end(server);
  return { mb, cpuMs: before === undefined || after === undefined ? undefined : after - before };
}

/** Of all its threads, to the microsecond. */
async function cpuMilliseconds(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const threads = await readdir(`/proc/${pid}/task`);
  const read = (thread: string) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
  const stats = await Promise.all(threads.map(read));
  return stats.reduce((sum, stat) => sum + Number(stat.split(' ')[0]) / 1e6, 0);
}

async function initialized() {
  const env = { ...process.env, ANTHROPIC_API_KEY: 'none: no request is made' };
  const server = spawn(binary, ['mcp'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '0' } };
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  const [answer] = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
  if (!(answer instanceof Buffer) || !answer.includes('async_worker_manager')) {
    throw new Error(`${binary} mcp did not answer initialize: ${String(answer)}`);
  }
  return server;
}

async function list(server: Awaited<ReturnType<typeof initialized>>): Promise<void> {
  const notice = { jsonrpc: '2.0', method: 'notifications/initialized' };
  const request = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  server.stdin.write(`${JSON.stringify(notice)}\n${JSON.stringify(request)}\n`);
  let text = '';
  while (!text.endsWith('\n')) text += String((await once(server.stdout, 'data'))[0]);
  if (!text.includes('spawn_worker')) throw new Error(`${binary} mcp did not list its tools: ${text}`);
}

async function end(server: Awaited<ReturnType<typeof initialized>>): Promise<void> {
  const exited = once(server, 'exit');
  server.stdin.end();
  await exited;
}

async function residentKilobytes(pid: number): Promise<number> {
  if (process.platform !== 'linux')
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
