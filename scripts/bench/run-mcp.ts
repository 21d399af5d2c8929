// Owns: one run of the MCP server: every worker by a spawn_worker of its own, one after the other, then one wait.
// Promises: times each spawn_worker at the client; checks that wait reports every worker as completed.
import type { Ran } from './measured.ts';
import { type Place, promptOf } from './place.ts';
import { watchMemory } from './process-tree.ts';

type Answer = { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
type Report = { readonly completed: readonly unknown[]; readonly manifest_count?: number };

type McpServer = {
  readonly pid: number;
  /** The text of the first block; rejects when the tool says that it failed. */
  call(name: string, input: unknown): Promise<string>;
  /** Ends its input and waits for it. */
  end(): Promise<{ readonly cpuMs: number; readonly maxMb: number }>;
};

/** Initialized, its tools listed. */
export async function openMcp(binary: string, workers: number, place: Place, tool: string): Promise<McpServer> {
  const command = [binary, 'mcp', '--concurrency', String(workers), '--allow', tool];
  const child = Bun.spawn(command, {
    cwd: place.dir,
    env: place.env,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
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
  const capabilities = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '0' } };
  await request('initialize', capabilities);
  void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  await request('tools/list', {});
  return {
    pid: child.pid,
    async call(name, input) {
      const result = (await request('tools/call', { name, arguments: input })) as Answer;
      const text = result.content[0]?.text ?? '';
      if (result.isError === true) throw new Error(`${name}: ${text}`);
      return text;
    },
    async end() {
      await child.stdin.end();
      await child.exited;
      await reading;
      const usage = child.resourceUsage();
      const cpuMs = Number(usage?.cpuTime.total ?? Number.NaN) / 1_000;
      return { cpuMs, maxMb: (usage?.maxRSS ?? 0) / 1024 / 1024 };
    },
  };
}

export async function runMcp(binary: string, workers: number, place: Place, tool: string): Promise<Ran> {
  const server = await openMcp(binary, workers, place, tool);
  const memory = watchMemory(server.pid);
  const startedAt = performance.timeOrigin + performance.now();
  const begun = performance.now();
  const spawns: number[] = [];
  for (let n = 0; n < workers; n += 1) {
    const from = performance.now();
    await server.call('spawn_worker', { description: `bench ${n}`, prompt: promptOf(n) });
    spawns.push(performance.now() - from);
  }
  const report = JSON.parse(await server.call('wait', {})) as Report;
  const answeredAt = performance.timeOrigin + performance.now();
  const wallMs = performance.now() - begun;
  const peakMb = memory.stop();
  const { cpuMs, maxMb } = await server.end();
  return {
    startedAt,
    wallMs,
    cpuMs,
    peakMb: Math.max(peakMb, maxMb),
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
