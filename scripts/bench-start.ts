// Owns: the two figures of a cold start: process start to the answer of `initialize`, and memory when idle.
// Promises: measures the compiled binary as a host would start it; prints the median of 15. With --check it exits 1 over a limit.
// Never: reaches the network: no worker is started.
//   bun scripts/bench-start.ts [path of the binary] [--check]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const runs = 15;
const limits = { startMs: 60, idleMb: 60 };
const binary = resolve(
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
    join(import.meta.dirname, '..', 'dist', 'aworkers'),
);

if (!existsSync(binary)) {
  console.error(`${binary} does not exist. Build it first: npm run build`);
  process.exit(1);
}

const cwd = await mkdtemp(join(tmpdir(), 'aworkers-bench-'));
const times: number[] = [];
for (let run = 0; run < runs; run += 1) times.push(await startOnce());
const idleMb = await idleMemory();
await rm(cwd, { recursive: true, force: true });

const startMs = median(times);
console.log(
  `start to initialize answer, median of ${runs}: ${startMs.toFixed(1)} ms (limit ${limits.startMs} on an idle machine)`,
);
console.log(`fastest ${Math.min(...times).toFixed(1)} ms, slowest ${Math.max(...times).toFixed(1)} ms`);
console.log(`idle memory (RSS): ${idleMb.toFixed(1)} MB (limit ${limits.idleMb})`);
const over = startMs > limits.startMs || idleMb > limits.idleMb;
process.exitCode = over && process.argv.includes('--check') ? 1 : 0;

async function startOnce(): Promise<number> {
  const begun = performance.now();
  const server = await initialized();
  const ms = performance.now() - begun;
  await end(server);
  return ms;
}

async function idleMemory(): Promise<number> {
  const server = await initialized();
  await new Promise((wait) => setTimeout(wait, 1_000));
  const megabytes = (await residentKilobytes(Number(server.pid))) / 1024;
  await end(server);
  return megabytes;
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
