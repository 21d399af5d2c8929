// Owns: one run of the MCP server: every worker by a spawn_worker of its own, one after the other, then one wait.
// Promises: times each spawn_worker at the client; checks that wait reports every worker as completed.
import type { Ran } from './measured.ts';
import { type Place, promptOf } from './place.ts';
import { watchMemory } from './process-tree.ts';

type Answer = { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
type Report = { readonly completed: readonly unknown[]; readonly manifest_count?: number };

export async function runMcp(binary: string, workers: number, place: Place, tool: string): Promise<Ran> {
  const command = [binary, 'mcp', '--concurrency', String(workers), '--allow', tool];
  const child = Bun.spawn(command, {
    cwd: place.dir,
    env: place.env,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const memory = watchMemory(child.pid);
  const waiting = new Map<number, (result: unknown) => void>();
  const reading = readLines(child.stdout, (line) => {
    const message = JSON.parse(line) as { readonly id?: number; readonly result?: unknown };
    if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  });
  let last = 0;
  function request(method: string, params: unknown): Promise<unknown> {
    const id = (last += 1);
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      void child.stdin.flush();
    });
  }
  async function call(name: string, input: unknown): Promise<string> {
    const result = (await request('tools/call', { name, arguments: input })) as Answer;
    const text = result.content[0]?.text ?? '';
    if (result.isError === true) throw new Error(`${name}: ${text}`);
    return text;
  }

  const capabilities = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '0' } };
  await request('initialize', capabilities);
  void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  await request('tools/list', {});

  const startedAt = performance.timeOrigin + performance.now();
  const begun = performance.now();
  const spawns: number[] = [];
  for (let n = 0; n < workers; n += 1) {
    const from = performance.now();
    await call('spawn_worker', { description: `bench ${n}`, prompt: promptOf(n) });
    spawns.push(performance.now() - from);
  }
  const report = JSON.parse(await call('wait', {})) as Report;
  const answeredAt = performance.timeOrigin + performance.now();
  const wallMs = performance.now() - begun;
  await child.stdin.end();
  await child.exited;
  await reading;
  const usage = child.resourceUsage();
  return {
    startedAt,
    wallMs,
    cpuMs: Number(usage?.cpuTime.total ?? Number.NaN) / 1_000,
    peakMb: Math.max(memory.stop(), (usage?.maxRSS ?? 0) / 1024 / 1024),
    finished: report.completed.length + (report.manifest_count ?? 0),
    spawns,
    answeredAt,
  };
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  }
}
